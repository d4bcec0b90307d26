import type { DeviceId } from '../../src/domain/ids.js';
import { device, HOME, holds, MOTHER, mixed, TAG, tag, unit } from './curfew-lines.js';
import { dated, timetable } from './timetables.js';

holds([
  {
    says: 'present at one of two addresses is present',
    records: mixed('18:00 HU-1 EXIT', '18:00 HU-2 ENTER', '19:30 HU-2 PRESENT', '20:45 HU-2 PRESENT'),
    order: {
      devices: [unit, device(MOTHER, 'home_unit', 'mother'), tag],
      table: timetable(null, [dated('2026-01-05', '19:00-22:00', ['home', 'mother'])]),
    },
    told: [],
  },
  {
    says: 'absent at one and unknown at the other is unknown',
    records: mixed('18:00 HU-1 EXIT'),
    order: {
      devices: [unit, device(MOTHER, 'home_unit', 'mother'), tag],
      table: timetable(null, [dated('2026-01-05', '19:00-22:00', ['home', 'mother'])]),
    },
    told: [
      '19:15:00 curfew.unverified 19:00:00– | - | - | - | timer',
      '22:00:00 curfew.unverified 19:00:00–22:00:00 | window | - | - | timer',
    ],
  },
  {
    says: 'two units at one address are one address: seen by either is present',
    records: mixed('18:00 HU-1 EXIT', '18:00 HU-2 ENTER', '19:30 HU-2 heartbeat', '21:00 HU-2 heartbeat'),
    order: { devices: [unit, device(MOTHER, 'home_unit', 'home'), tag] },
    told: [],
  },
  {
    says: 'a silent unit makes absence unknown at its last record + 7,500 s, and a heartbeat does not restore it',
    records: ['18:00 HU-1 EXIT', '18:10 HU-1 heartbeat', '20:30 HU-1 heartbeat', '21:00 HU-1 EXIT'],
    told: [
      '19:05:00 curfew 19:00:00– | - | AL08 | - | timer',
      '20:15:00 curfew 19:00:00–20:15:00 | unknown | AL08 | - | timer',
      '20:30:00 curfew.unverified 20:15:00– | - | - | - | timer',
      '21:00:00 curfew.unverified 20:15:00–21:00:00 | - | - | 21:00 EXIT | record',
      '21:05:00 curfew 21:00:00– | - | AL10 | 21:00 EXIT | timer',
      '22:00:00 curfew 21:00:00–22:00:00 | window | AL10+AL11 | 21:00 EXIT | timer',
    ],
  },
  {
    says: 'a record at exactly 7,500 s of silence comes before the silence',
    records: ['18:00 HU-1 ENTER', '20:05 HU-1 heartbeat', '21:59 HU-1 heartbeat'],
    told: [],
  },
  {
    says: "what a unit says of somebody else's tag does not count as having been heard",
    records: ['18:00 HU-1 ENTER', '20:00 HU-1 PRESENT TAG-9'],
    until: '20:30',
    told: ['20:20:00 curfew.unverified 20:05:00– | - | - | - | timer'],
  },
  {
    says: 'a reading of no stated kind is heard, and says nothing',
    records: ['18:00 HU-1 ENTER', '20:00 HU-1 UNSPECIFIED', '21:50 HU-1 UNSPECIFIED'],
    told: [],
  },
  {
    says: 'a moved unit is not believed until it was reset and then read the tag',
    records: mixed(
      '18:00 HU-1 EXIT',
      '19:10 HU-1 MOVED',
      '19:20 HU-1 PRESENT',
      '19:30 HU-1 RESET',
      '19:40 HU-1 PRESENT',
    ),
    told: [
      '19:05:00 curfew 19:00:00– | - | AL08 | - | timer',
      '19:10:00 curfew 19:00:00–19:10:00 | unknown | AL08 | 19:10 MOVED | record',
      '19:25:00 curfew.unverified 19:10:00– | - | - | 19:10 MOVED | timer',
      '19:40:00 curfew.unverified 19:10:00–19:40:00 | - | - | 19:10 MOVED, 19:40 PRESENT | record',
    ],
  },
  {
    says: 'flags of one status are taken in their order: moved and reset in one still waits for a reading',
    records: mixed('18:00 HU-1 ENTER', '19:10 HU-1 MOVED+RESET', '19:20 HU-1 PRESENT'),
    told: [],
  },
  {
    says: 'a new tag is unknown until it is read for the first time, and the old one speaks no more',
    records: mixed('18:00 HU-1 ENTER', '20:10 HU-1 EXIT TAG-1', '20:20 HU-1 PRESENT TAG-2'),
    order: {
      devices: [unit, device(TAG, 'tag', null, '00:00', '20:00'), device('TAG-2' as DeviceId, 'tag', null, '20:00')],
    },
    told: [
      '20:15:00 curfew.unverified 20:00:00– | - | - | - | timer',
      '20:20:00 curfew.unverified 20:00:00–20:20:00 | - | - | 20:20 PRESENT | record',
    ],
  },
  {
    says: 'the first reading of a new tag may come in the moment in which it is put on',
    records: mixed('18:00 HU-1 ENTER', '20:00 HU-1 PRESENT TAG-2'),
    order: {
      devices: [unit, device(TAG, 'tag', null, '00:00', '20:00'), device('TAG-2' as DeviceId, 'tag', null, '20:00')],
    },
    told: [],
  },
  {
    says: 'an alcohol tag that is put on beside the tag changes nothing',
    records: mixed('18:00 HU-1 ENTER'),
    order: { devices: [unit, tag, device('ALC-1' as DeviceId, 'alcohol_tag', null, '20:00')] },
    told: [],
  },
  {
    says: 'a unit that was replaced no longer has a say: the new one alone can tell of an absence',
    records: [...mixed('18:00 HU-1 EXIT'), '19:40 HU-2 EXIT', '21:00 HU-2 heartbeat'].sort(),
    order: {
      devices: [device(HOME, 'home_unit', 'home', '00:00', '19:30'), device(MOTHER, 'home_unit', 'home', '19:30'), tag],
    },
    told: [
      '19:05:00 curfew 19:00:00– | - | AL08 | - | timer',
      '19:30:00 curfew 19:00:00–19:30:00 | unknown | AL08 | - | timer',
      '19:45:00 curfew 19:40:00– | - | AL10 | 19:40 EXIT | timer',
      '22:00:00 curfew 19:40:00–22:00:00 | window | AL10+AL11 | 19:40 EXIT | timer',
    ],
  },
]);
