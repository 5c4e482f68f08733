/** How texts are compared in rules: ends trimmed, letters in lower case, composed. Data of HR departments is untidy. */
export function fold(text: string): string {
  const lower = text.trim().toLowerCase();
  return isAscii(lower) ? lower : lower.normalize('NFC');
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 127) return false;
  return true;
}
