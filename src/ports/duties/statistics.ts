/** Counts for freedom of information requests (¶32): aggregates that name nobody and from which nobody can be worked out. */

/** One count; null: suppressed. */
export interface Cell {
  /** A value for each of the table's dimensions. */
  readonly key: readonly string[];
  readonly count: number | null;
}

export interface StatisticsTable {
  readonly name: string;
  readonly dimensions: readonly string[];
  /** Every combination that occurs. */
  readonly cells: readonly Cell[];
  /** The sum of the cells that are published, and of no other. */
  readonly published: number;
}

export interface StatisticsReport {
  readonly year: number;
  readonly threshold: number;
  readonly notes: readonly string[];
  readonly tables: readonly StatisticsTable[];
}

export interface Statistics {
  /** Of a calendar year, UTC: months that are over alone; tables without a month once the year is over. */
  ofYear(year: number): Promise<StatisticsReport>;
}
