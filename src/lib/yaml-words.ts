/** What is wrong with a text of YAML, by the parser's code, in our own words: those of the parser may quote the text. */
const words: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'the key stands twice in this map',
  BAD_INDENT: 'is not indented as YAML needs it, or a bracket before it is not closed',
  TAB_AS_INDENT: 'is indented with a tab; YAML needs spaces',
  MISSING_CHAR: 'a character is missing, here or before (a colon, a closing bracket, a closing quote)',
  BAD_ALIAS: 'names an alias that is not there; a text that begins with * needs quotes',
  BAD_SCALAR_START: 'a text that begins with this character needs quotes',
  TAG_RESOLVE_FAILED: 'uses a tag; a text that begins with ! needs quotes',
  RESOURCE_EXHAUSTION: 'is nested too deeply',
  MULTIPLE_DOCS: 'holds more than one document',
  BAD_DQ_ESCAPE: 'holds a \\ that YAML does not know between double quotes; between single quotes it stays what it is',
  BLOCK_AS_IMPLICIT_KEY:
    'is a map where a text stands (a second colon in one line, or a line that is indented too far); a text with a colon and a blank needs quotes',
  BLOCK_IN_FLOW: 'begins a list or a map over lines inside of brackets',
  MULTILINE_IMPLICIT_KEY: 'has no colon behind the name, or goes on in the next line',
  UNEXPECTED_TOKEN:
    'holds what YAML does not expect here (a comma, a bracket, a quote too many); a text with { or [ in it needs quotes',
  MULTIPLE_ANCHORS: 'has two names that begin with &; a text that begins with & needs quotes',
  BAD_DIRECTIVE: 'begins with %, which only a line for YAML itself does; a text needs quotes',
  KEY_OVER_1024_CHARS: 'is a key of more than 1024 letters',
  BAD_PROP_ORDER: 'has its anchor or tag in the wrong place',
  BAD_COLLECTION_TYPE: 'uses a tag that does not fit',
  MULTIPLE_TAGS: 'has two tags; a text that begins with ! needs quotes',
  ALIAS_PROPS: 'is an alias with an anchor or a tag; a text that begins with * needs quotes',
};

export const yamlWords = (code: string): string => words[code] ?? `is not valid YAML (${code})`;
