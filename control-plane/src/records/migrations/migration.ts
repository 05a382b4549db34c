/** How the two engines name the same thing. */
export interface ColumnTypes {
  /** A whole number of 64 bits. */
  integer: string;
  /** A floating-point number of 64 bits. */
  real: string;
  /** A primary key that the engine makes, growing and never used twice. */
  growing: string;
}

/** A step forwards. Once published it is never edited: what must change is another step. */
export interface Migration {
  number: number;
  name: string;
  statements(types: ColumnTypes): string[];
}
