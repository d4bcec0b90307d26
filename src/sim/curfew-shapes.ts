/** The shapes in which real orders state a curfew. */
import type { Weekday } from '../domain/timetable.js';
import type { CurfewJson, RowJson } from './order-plan.js';

const ALL: Weekday[] = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'];
const WEEKDAYS: Weekday[] = ALL.slice(0, 5);
const WEEKEND: Weekday[] = ALL.slice(5);
const HOME = ['primary'];

export const CURFEW_SHAPES = ['overnight', 'split', 'weekend', 'dated', 'twice', 'late'] as const;
export type CurfewShape = (typeof CURFEW_SHAPES)[number];

/** Shapes with a window short enough to be missed whole without a night elsewhere. */
export const SHORT_WINDOW_SHAPES: readonly CurfewShape[] = ['dated', 'twice'];

/** `firstDate`: the civil date on which the run begins. */
export function curfewOf(shape: CurfewShape, firstDate: string): Omit<CurfewJson, 'condition_id' | 'kind'> {
  const row = (days: Weekday[], start: string, end: string): RowJson => ({ days, start, end, addresses: HOME });
  switch (shape) {
    case 'overnight':
      return { timetable: [row(ALL, '19:00', '07:00')] };
    case 'split':
      return { timetable: [row(ALL, '19:30', '23:59'), row(ALL, '00:00', '06:30')] };
    case 'weekend':
      return { timetable: [row(WEEKDAYS, '20:00', '06:00'), row(WEEKEND, '18:00', '08:00')] };
    case 'dated':
      return {
        timetable: [row(ALL, '21:00', '06:00')],
        dated: [{ date: firstDate, start: '16:30', end: '18:30', addresses: HOME }],
      };
    case 'twice':
      return { timetable: [row(ALL, '16:00', '18:00'), row(ALL, '22:00', '05:00')] };
    case 'late':
      return { timetable: [row(ALL, '21:15', '05:00')] };
  }
}
