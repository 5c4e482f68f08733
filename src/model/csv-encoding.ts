/** Encodings of CSV files. The first four are found by a file itself, the others have to be said. */
export const csvEncodings = [
  ...(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const),
  ...(['windows-1250', 'windows-1251', 'iso-8859-1', 'iso-8859-2', 'iso-8859-15', 'macintosh'] as const),
  ...(['shift_jis', 'euc-kr', 'big5', 'gb18030'] as const),
] as const;
export type CsvEncoding = (typeof csvEncodings)[number];
