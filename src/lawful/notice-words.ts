/** The plain words of the fair processing notice (¶21): what each condition and device collects, and why. */
import type { Condition, DeviceKind, Order } from '../domain/order.js';
import { unreachable } from '../domain/result.js';

/** What a device that is fitted or installed records, whatever the conditions are. */
export const DEVICE_WORDS: Readonly<Record<DeviceKind, string>> = {
  tag: 'A tag that you wear. It records where you are, all day and all night, and how you move. It also records its battery, its strap and case, and whether it can find a signal. A unit in the home hears it by radio.',
  rf_tag:
    'A tag that you wear. It has no location function. It is heard by radio by the unit in your home, and by units in other homes that you may pass. It also reports its battery, its strap and case.',
  home_unit:
    'A unit in your home. It records when it hears your tag and when it does not: when you come in and go out. It also records whether it is switched on, moved or opened. It has no microphone and no camera.',
  alcohol_tag:
    'A tag that you wear. It measures alcohol in your perspiration, and records whether something is put between it and your skin.',
};

/** Why, and what is looked at: a paragraph a condition. */
export function conditionWords(condition: Condition): string {
  switch (condition.kind) {
    case 'curfew':
      return 'You have a curfew. What the unit in your home hears during the curfew hours is checked to see that you are there. What it hears at other times is stored, locked away, and not looked at unless there is a lawful reason.';
    case 'exclusion_zone':
      return 'There is a place that you must not go into. Your positions are compared with it by a computer. People look at your positions only for a lawful reason, for example after an alert that you went in, and only as far as they need.';
    case 'inclusion_zone':
      return 'There is a place that you must stay in at certain times. Your positions are compared with it by a computer. People look at your positions only for a lawful reason, for example after an alert that you left it, and only as far as they need.';
    case 'trail':
      return 'You have trail monitoring. The agency that supervises you may look at everywhere you have been while you wear the tag. Each time somebody looks is recorded.';
    case 'attendance':
      return 'You must attend appointments. Your positions, or what a unit there hears, are compared with the place and time of each appointment.';
    case 'alcohol_abstinence':
      return 'You must not drink alcohol. What the alcohol tag measures is checked for signs of drinking. A person confirms it before anything is decided.';
    case 'alcohol_level':
      return 'You must not drink more alcohol than your order allows. What the alcohol tag measures is checked against that level. A person confirms it before anything is decided.';
    default:
      return unreachable(condition);
  }
}

/** Whether positions are stored at all: from when a location tag is worn. */
export const storesPositions = ({ devices }: Pick<Order, 'devices'>): boolean =>
  devices.some(({ kind }) => kind === 'tag');

export const hasTrail = ({ conditions }: Pick<Order, 'conditions'>): boolean =>
  conditions.some(({ kind }) => kind === 'trail');

/** The law under which the person is monitored, by the type of order (¶1, ¶2, ¶5). */
export function imposedUnder({ type }: Pick<Order, 'type'>): string {
  switch (type) {
    case 'COMMUNITY':
      return 'a court order: an electronic monitoring requirement under the Criminal Justice Act 2003 or the Sentencing Act 2020';
    case 'POST_RELEASE':
      return 'a licence on release from custody: an electronic monitoring condition under the Criminal Justice and Court Services Act 2000';
    case 'PRE_TRIAL':
    case 'BAIL':
      return 'bail: an electronic monitoring requirement under the Bail Act 1976';
    case 'IMMIGRATION':
      return 'immigration bail: an electronic monitoring condition under the Immigration Act 2016';
    case 'CIVIL':
      return 'a civil order of a court that requires electronic monitoring';
    case 'SPECIAL':
      return 'a special order that requires electronic monitoring; your supervising officer will tell you which';
    default:
      return unreachable(type);
  }
}
