/** What is wrong with a text of YAML, by the parser's code, in our own words: those of the parser may quote the text. */
const words: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'the key stands twice in this map',
  BAD_INDENT: 'is not indented as YAML needs it',
  TAB_AS_INDENT: 'is indented with a tab; YAML needs spaces',
  MISSING_CHAR: 'a character is missing (a colon, a bracket, a quote)',
  BAD_ALIAS: 'names an alias that is not there; a text that begins with * needs quotes',
  BAD_SCALAR_START: 'a text that begins with this character needs quotes',
  TAG_RESOLVE_FAILED: 'uses a tag; a text that begins with ! needs quotes',
  RESOURCE_EXHAUSTION: 'is nested too deeply',
  MULTIPLE_DOCS: 'holds more than one document',
};

export const yamlWords = (code: string): string => words[code] ?? `is not valid YAML (${code})`;
