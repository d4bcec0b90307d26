/** ¶21–33: what people are told, what is shared with whom, and how it travels and lies. */
import type { Conformance } from './row.js';

export const SHARING: readonly Conformance[] = [
  {
    kind: 'software',
    id: 'notice',
    paragraphs: '17, 21',
    promise: 'A monitored person is told what is collected about them, why, who may see it, and what they can ask for.',
    mechanism:
      '`fairwatch notice ORDER` writes the notice from that order: its own devices and conditions, when somebody may look, the law, how long it is kept, and the rights.',
    besides: 'Handing it over and explaining it on induction is for those who fit the tag.',
    tests: [
      {
        file: 'tests/lawful/notice.test.ts',
        name: 'it says what is collected by the devices of this order, and by no other',
      },
      {
        file: 'tests/lawful/notice.test.ts',
        name: 'who has no trail monitoring is told that nobody watches all the time; who has it, that somebody may',
      },
      {
        file: 'tests/lawful/notice.test.ts',
        name: 'every notice has the law, who sees it, how long, decisions by people, and the rights',
      },
    ],
  },
  {
    kind: 'software',
    id: 'disclosure',
    paragraphs: '22, 24, 27–29',
    promise: 'What is shared is recorded: what, to whom, under which law, why it was needed, and when.',
    mechanism: 'The record is on disk before anything is read for it. Where it cannot be kept, nothing leaves.',
    besides:
      'Whether a disclosure is lawful and proportionate is for the person who makes it; the record holds their reasons.',
    tests: [{ file: 'tests/api/sharing.test.ts', name: 'where the record cannot be kept, nothing leaves' }],
  },
  {
    kind: 'software',
    id: 'disclosed positions',
    paragraphs: '22, 26, 29',
    promise: 'Positions are not shared on anybody’s word alone.',
    mechanism: 'A disclosure of positions names an open grant of the same order, and gives what that grant opens.',
    tests: [{ file: 'tests/api/sharing.test.ts', name: 'positions leave under a grant alone' }],
  },
  {
    kind: 'software',
    id: 'no more than needed',
    paragraphs: '16, 22',
    promise: 'No more is shown or shared than the purpose calls for.',
    mechanism:
      'A disclosed alert leaves out who handled it and how far within a zone somebody was. A review shows what the person’s own devices said while they wore them, whatever else lies in the store.',
    tests: [
      {
        file: 'tests/api/sharing.test.ts',
        name: 'a disclosure is recorded before anything leaves, with the onward controller',
      },
      {
        file: 'tests/api/grant-reads.test.ts',
        name: 'an officer is refused, asks, another approves, and the minutes of that alert alone open',
      },
    ],
  },
  {
    kind: 'software',
    id: 'enquiry',
    paragraphs: '15, 26, 29',
    promise: 'Police, courts and others are answered in a case that can be named.',
    mechanism:
      'A grant for an enquiry, a direction of a court, a request of the person or a hold must carry its reference; the reason decides who may ask, who must approve, how far it reaches and how long it lasts.',
    tests: [
      {
        file: 'tests/lawful/grants.test.ts',
        name: 'police need a case; a hold’s review a hold that stands; outside curfew only where the trigger allows it',
      },
    ],
  },
  {
    kind: 'software',
    id: 'equipment',
    paragraphs: '26',
    promise: 'Whoever examines damaged equipment learns nothing of where its wearer was.',
    mechanism:
      'That grant opens what a device says of itself: no position and no presence, for whichever role reads it.',
    tests: [
      {
        file: 'tests/lawful/grants.test.ts',
        name: 'who examines damaged equipment is shown no position and no presence, whoever they are',
      },
    ],
  },
  {
    kind: 'not software',
    id: 'powers',
    paragraphs: '23–25, 27',
    promise: 'Sharing rests on a power in law: the Offender Management Act, the Data Protection Act, the common law.',
    reason:
      'The gateway asks for the basis of each disclosure and records it. Whether that basis carries it is a judgement in law that no program makes.',
  },
  {
    kind: 'not software',
    id: 'other systems',
    paragraphs: '30',
    promise: 'Contractors have no direct access to the systems of others; what is relevant is passed on.',
    reason:
      'The gateway reads no system of a court, a force or a prison. What staff pass on by telephone or e-mail they record as a disclosure themselves.',
  },
  {
    kind: 'software',
    id: 'subject access',
    paragraphs: '31',
    promise: 'A person gets what is held about them, and who looked at it.',
    mechanism:
      '`fairwatch export` gives orders, alerts with every version, positions, records, documents and the log of readers, as NDJSON and as a page to print.',
    tests: [
      {
        file: 'tests/api/exports.test.ts',
        name: 'a person gets everything that is held, section by section, and who looked at it',
      },
    ],
  },
  {
    kind: 'software',
    id: 'third parties',
    paragraphs: '31',
    promise: 'What a person is given does not give away somebody else.',
    mechanism:
      'An export leaves out where exclusion zones lie, whose home unit was passed, and the names of staff; it says so.',
    tests: [
      {
        file: 'tests/api/exports.test.ts',
        name: 'what is about others is left out: where exclusion zones lie, and names of staff',
      },
    ],
  },
  {
    kind: 'software',
    id: 'statistics',
    paragraphs: '32',
    promise: 'The public can be given figures that lead to nobody.',
    mechanism:
      'Counts below ten are left out, and so many others that none of those can be worked out from totals; only months and years that are over are counted.',
    tests: [
      {
        file: 'tests/lawful/suppress.test.ts',
        name: 'no hidden count can be worked out from the total, the published counts and these rules',
      },
      { file: 'tests/api/sharing.test.ts', name: 'statistics give months that are over, and no small number' },
    ],
  },
  {
    kind: 'software',
    id: 'device link',
    paragraphs: '33',
    promise:
      'What a tag or home unit sends is encrypted from the device to the centre, and cannot be changed on its way.',
    mechanism:
      'Every upload is sealed under a key of that device, for its topic and its number. What does not open whole is never taken in: it is kept apart, with its reason.',
    tests: [
      {
        file: 'tests/crypto/uplink-jwe.test.ts',
        name: 'no bit can be flipped, no byte cut or added, and nothing throws',
      },
      {
        file: 'tests/crypto/envelope.test.ts',
        name: 'A256GCM: one flipped bit anywhere, or a missing byte, and it does not open',
      },
    ],
  },
  {
    kind: 'software',
    id: 'plain links',
    paragraphs: '33',
    promise: 'Nothing travels a network in the clear.',
    mechanism:
      'Plain connections are taken on addresses of the machine itself alone; beyond it MQTT, the API and the way to a broker are TLS.',
    besides: 'The certificates, or the TLS proxy in front of it.',
    tests: [{ file: 'tests/commands/configuration.test.ts', name: 'plain connections stay on the machine' }],
  },
  {
    kind: 'software',
    id: 'seals',
    paragraphs: '33, 46',
    promise: 'What is kept is encrypted as long as it is kept.',
    mechanism:
      'Journal, states, recent log, ledger, register, quarantine and log hold sealed bytes, each bound to its place; names of people and devices in keys are HMACs.',
    tests: [
      {
        file: 'tests/canaries/canaries.test.ts',
        name: 'ten thousand positions are found in no file, no Redis, no log, no metric and no crash output',
      },
      {
        file: 'tests/adapters/lmdb-register.test.ts',
        name: 'neither a document nor its id nor its order can be read from the file',
      },
    ],
  },
  {
    kind: 'software',
    id: 'archive',
    paragraphs: '17, 33, 46',
    promise: 'Whoever takes data in cannot go back and read it.',
    mechanism:
      'An order’s archive is sealed to its public key, segment by segment, each for its order and day. The private key is with the review tier alone.',
    tests: [
      {
        file: 'tests/adapters/order-keys.test.ts',
        name: 'the tier that takes in has what seals an order’s archive, and nothing that opens it',
      },
      { file: 'tests/crypto/segment-seal.test.ts', name: 'another stream, another day and another key do not open it' },
    ],
  },
  {
    kind: 'software',
    id: 'message',
    paragraphs: '33',
    promise: 'An SMS or e-mail says that there is something to look at, and nothing of whom or what.',
    mechanism: 'There is one text, the same for everybody; nothing goes into it.',
    tests: [
      {
        file: 'tests/lawful/notice.test.ts',
        name: 'a message says where to look, and nothing of whom or what (¶33)',
      },
    ],
  },
  {
    kind: 'not software',
    id: 'classification',
    paragraphs: '34',
    promise: 'Communications follow the Government Security Classification, usually Official.',
    reason: 'Classification is a policy of the organisations that communicate; the gateway marks nothing.',
  },
  {
    kind: 'not software',
    id: 'confidentiality',
    paragraphs: '35',
    promise: 'Staff keep confidential what they are entrusted with, on removable media too.',
    reason:
      'A duty of people. The gateway names who looked (see `named person`); what they do with an export afterwards it cannot see.',
  },
];
