/** ¶36–50 and DPA 2018 s.62: what is done when something goes wrong, what is kept, how long, and who can tell. */
import type { Conformance } from './row.js';

export const KEEPING: readonly Conformance[] = [
  {
    kind: 'software',
    id: 'incident clocks',
    paragraphs: '36, 39–42',
    promise: 'Loss or compromise is told within 24 hours to the Directorate and 72 hours to the Commissioner.',
    mechanism:
      'Anybody with a token can report an incident. Its two clocks run from when it was identified and are counted in a metric; it cannot be closed before the Directorate is told and it is recorded whether the Commissioner was, and if not, why. What it involved, what was done about it and what was found is kept, version by version.',
    besides:
      'Telling them, investigating and informing the people concerned is done by people; the register holds when.',
    tests: [
      {
        file: 'tests/api/sharing.test.ts',
        name: 'an incident counts down to its 24 h and 72 h, and is closed when both are met',
      },
      {
        file: 'tests/lawful/incidents.test.ts',
        name: 'factors, mitigation and findings are added; each version stands',
      },
    ],
  },
  {
    kind: 'software',
    id: 'incidents noticed',
    paragraphs: '36–38',
    promise: 'What looks like loss or compromise does not wait for somebody to notice it.',
    mechanism:
      'The gateway opens an incident itself for uploads that no key opens, for uploads that were sent before, for an audit log that does not agree with its heads, and for a review that nobody made.',
    tests: [
      {
        file: 'tests/lawful/incidents.test.ts',
        name: 'bad seals and repeats of a day are one incident each, however many devices and restarts',
      },
      {
        file: 'tests/lawful/incidents.test.ts',
        name: 'what comes after an incident was closed opens another, with clocks of its own',
      },
    ],
  },
  {
    kind: 'software',
    id: 'refused reads',
    paragraphs: '36, 38, 47',
    promise: 'Somebody who keeps trying to see what they may not is noticed.',
    mechanism: 'Refused reads are counted by caller and hour; over a limit they are told of as an incident.',
    tests: [{ file: 'tests/api/audited.test.ts', name: 'one caller’s refused reads over the limit are told, once' }],
  },
  {
    kind: 'not software',
    id: 'definitions',
    paragraphs: '37, 42',
    promise: 'What is lost or compromised is judged; a serious incident goes up the line and is learned from.',
    reason:
      'Whether something is lost, how serious it is, and what is to be learned from it is for the organisation. The register asks for it and keeps the answer.',
  },
  {
    kind: 'software',
    id: 'rectification',
    paragraphs: '43, 45',
    promise: 'What is wrong is put right, and the person hears the outcome.',
    mechanism:
      'A correction is a new version that says why and on whose request; what was written before still stands. A refusal tells the person of the Information Commissioner and the court.',
    tests: [
      {
        file: 'tests/api/exports.test.ts',
        name: 'a correction of a document is a new version with its reason, and the old one stands',
      },
      {
        file: 'tests/api/exports.test.ts',
        name: 'a disputed alert is not changed; the dispute stands beside it; a refusal tells the rights',
      },
    ],
  },
  {
    kind: 'software',
    id: 'evidence',
    paragraphs: '44, 45, 50',
    promise: 'What is needed as evidence is not destroyed, and the person is told why and where they can turn.',
    mechanism:
      'While a hold stands, an erasure is refused with a text for the person, and the retention clock passes the order over.',
    tests: [
      {
        file: 'tests/lawful/erasure.test.ts',
        name: 'while a hold stands nothing is destroyed, and the person hears why and where they can turn',
      },
    ],
  },
  {
    kind: 'software',
    id: 'in force',
    paragraphs: '44',
    promise: 'Data that should not be held is erased; an order that runs is not ended by the way.',
    mechanism: 'While an order is in force only unlawful processing is a ground for its erasure.',
    tests: [
      {
        file: 'tests/lawful/erasure.test.ts',
        name: 'an order in force is not erased at a request; unlawful processing is',
      },
    ],
  },
  {
    kind: 'software',
    id: 'erasure',
    paragraphs: '44, 50',
    promise: 'Erased is gone: from copies and backups of the data too.',
    mechanism:
      'Each order has keys of its own. They are overwritten and unlinked first, and what lies under them anywhere is noise from then on; then its rows go. A destruction that breaks off is finished at the next start.',
    besides: 'Blocks of a flash disk may outlive the file: the vault belongs on an encrypted volume.',
    tests: [
      {
        file: 'tests/lawful/erasure.test.ts',
        name: 'an erasure destroys the keys, then the rows, and its certificate is checked offline',
      },
      {
        file: 'tests/adapters/file-key-vault.test.ts',
        name: 'destroying a key overwrites the bytes on disk, not only the name',
      },
    ],
  },
  {
    kind: 'software',
    id: 'certificate',
    paragraphs: '50',
    promise: 'That data was destroyed can be shown.',
    mechanism:
      'A signed certificate says what was destroyed, on which ground, and from when on nothing of it can exist; it is made when the rows are gone, and not before.',
    tests: [
      {
        file: 'tests/lawful/erasure.test.ts',
        name: 'while the engine does not answer the keys are gone, and the certificate waits for the rows',
      },
    ],
  },
  {
    kind: 'software',
    id: 'keys apart',
    paragraphs: '46',
    promise: 'Data and the keys to it are kept apart.',
    mechanism:
      'A gateway does not start when its vault lies within the data folder, or the other way round, or when one key would open both tiers.',
    tests: [
      {
        file: 'tests/commands/configuration.test.ts',
        name: 'the vault is never within the data, nor the data within the vault',
      },
      {
        file: 'tests/commands/configuration.test.ts',
        name: 'a tier has a key of its own, and a process needs that of its roles alone',
      },
    ],
  },
  {
    kind: 'software',
    id: 'memory',
    paragraphs: '46',
    promise: 'Keys and people do not reach a disk by way of the memory.',
    mechanism:
      'Outside development a gateway refuses to start where core dumps, heap snapshots or reports could be written.',
    tests: [
      {
        file: 'tests/commands/safe-process.test.ts',
        name: 'what would write memory to a disk is refused, each by its name and with what to do',
      },
    ],
  },
  {
    kind: 'software',
    id: 'hour keys',
    paragraphs: '33, 46, 49',
    promise: 'What the tier that takes in wrote is closed to it after 73 hours.',
    mechanism:
      'Everything hot lies under the key of its hour. Every copy of that key, in both vaults and in memory, is destroyed 73 hours after the hour began; what is needed longer was sealed anew or archived before.',
    tests: [
      {
        file: 'tests/adapters/epoch-keys.test.ts',
        name: '73 hours after its hour began every copy is gone, and what it sealed is noise; a minute before it is not',
      },
      {
        file: 'tests/adapters/epoch-keys.test.ts',
        name: 'the review tier destroys its overdue copies though the ingest tier is down',
      },
      {
        file: 'tests/horizon/horizon.test.ts',
        name: 'what was sent 73 hours ago is opened by no key of the ingest tier; what came lately is',
      },
    ],
  },
  {
    kind: 'not software',
    id: 'staff',
    paragraphs: '46, 47',
    promise:
      'Staff are trained and cleared, comply with the Official Secrets Act, and follow their security standards.',
    reason:
      'The gateway takes the role that an issuer gives a person. Whether they should have it is decided elsewhere.',
  },
  {
    kind: 'software',
    id: 'region',
    paragraphs: '48',
    promise: 'Data is not held outside the European Economic Area.',
    mechanism:
      'The operator declares the country where data, vault and Redis lie; a gateway does not start for any other than a member of the EEA, or the United Kingdom, which has left it and is accepted in so many words.',
    besides: 'That the declaration is true.',
    tests: [
      {
        file: 'tests/commands/configuration.test.ts',
        name: 'the data is kept in the European Economic Area or the United Kingdom, and nowhere else',
      },
    ],
  },
  {
    kind: 'software',
    id: 'retention',
    paragraphs: '49, 50',
    promise: 'Data goes at the latest six years after the order ends.',
    mechanism:
      'A clock for each order destroys its keys and rows when its time has come; a longer time cannot be configured.',
    tests: [
      {
        file: 'tests/lawful/erasure.test.ts',
        name: 'the retention clock destroys at the end of the order and six years, not a millisecond before',
      },
      {
        file: 'tests/lawful/erasure.test.ts',
        name: 'a retention longer than six years is refused, a shorter one holds',
      },
    ],
  },
  {
    kind: 'software',
    id: 'attempt',
    paragraphs: 'DPA 2018 s.62',
    promise:
      'Collection, alteration, consultation, disclosure, combination and erasure are logged, with who, when and why.',
    mechanism: 'The attempt is on disk before the act begins, and the outcome before the answer leaves.',
    tests: [
      {
        file: 'tests/api/audited.test.ts',
        name: 'nothing is done before the attempt is durable, and nothing is answered before the outcome is',
      },
      {
        file: 'tests/api/holds-erasures.test.ts',
        name: 'the attempt is in the log before the keys go, and the outcome names nobody',
      },
    ],
  },
  {
    kind: 'software',
    id: 'tampering',
    paragraphs: '47, DPA 2018 s.62',
    promise: 'Nobody can change the log unseen.',
    mechanism:
      'The log is a Merkle tree as in RFC 6962 with signed heads. `fairwatch audit verify` finds what was changed, dropped, moved or put in; a gateway does not start on a log that its newest head does not sign.',
    besides: 'Against whoever has the signing key: a head that a witness keeps outside.',
    tests: [
      {
        file: 'tests/lawful/audit-tampering.test.ts',
        name: '500 random tamperings with the rows of a log are found, told right, and named',
      },
      {
        file: 'tests/lawful/office.test.ts',
        name: 'a log that does not agree with its heads opens nothing, and is an incident with its clocks',
      },
    ],
  },
  {
    kind: 'software',
    id: 'log after erasure',
    paragraphs: '44, DPA 2018 s.62',
    promise: 'When a person’s data is erased, the log says no more whose data it was, and still stands.',
    mechanism: 'What an entry says of the person lies under a key of the order; the tree is over the sealed bytes.',
    tests: [
      {
        file: 'tests/api/audit.test.ts',
        name: 'after erasure the entries stand, and say no more whose data it was',
      },
    ],
  },
];
