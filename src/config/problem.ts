/** One thing that is wrong with the configuration file. Holds no value of the file. */
export type Problem = {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** `connections[0].reporting.token`; empty for the file as a whole. */
  readonly path: string;
  readonly reason: string;
};

export type Path = readonly (string | number)[];

/** `connections[0].name` */
export const pathText = (path: Path): string =>
  path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
