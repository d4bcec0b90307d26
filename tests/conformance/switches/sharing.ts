/** ¶21–33: what is told, shared and sent. */
import type { Switch } from '../switch.js';

export const SHARING: readonly Switch[] = [
  {
    id: 'notice',
    name: 'everybody is told of every device that there is',
    file: 'src/lawful/notice.js',
    edits: [{ find: 'devices.map((kind) => DEVICE_WORDS[kind])', replace: 'Object.values(DEVICE_WORDS)' }],
  },
  {
    id: 'notice',
    name: 'nobody is told when their positions are looked at',
    file: 'src/lawful/notice.js',
    edits: [{ find: '[...conditions, ...whenLookedAt(order)]', replace: 'conditions' }],
  },
  {
    id: 'notice',
    name: 'the rights are left out',
    file: 'src/lawful/notice.js',
    edits: [{ find: 'paragraphs: rights(p)', replace: 'paragraphs: []' }],
  },
  {
    id: 'disclosure',
    name: 'what is disclosed leaves beside its record, not after it',
    file: 'src/lawful/disclosures.js',
    edits: [
      { find: 'await this.p.register.put(record);', replace: 'void this.p.register.put(record).catch(() => {});' },
    ],
  },
  {
    id: 'disclosed positions',
    name: 'positions leave without a grant',
    file: 'src/lawful/disclosures.js',
    edits: [
      {
        find: 'if (grant === null || grant.orderId !== orderId) {',
        replace:
          "if (grant === null) return ok(() => ({ what, fixes: evidence.fixes(orderId, { intervals: [{ startMs: fromMs, endMs: toMs }], fixes: true, records: 'none', beyondCurfew: false, namesOthers: false }) })); if (grant.orderId !== orderId) {",
      },
    ],
  },
  {
    id: 'no more than needed',
    name: 'what leaves says who handled it, and how far within a zone it was',
    file: 'src/api/disclosures.js',
    edits: [{ find: 'return { ...what, start,', replace: 'return { ...rest, ...what, start,' }],
  },
  {
    id: 'no more than needed',
    name: 'what another wore is shown as this person’s',
    file: 'src/lawful/review-scope.js',
    edits: [{ find: 'return slots.some(', replace: 'return true || slots.some(' }],
  },
  {
    id: 'equipment',
    name: 'who examines equipment reads positions',
    file: 'src/lawful/grant-policy.js',
    edits: [{ find: "fixes: false, records: 'equipment',", replace: "fixes: true, records: 'equipment'," }],
  },
  {
    id: 'enquiry',
    name: 'an enquiry needs no reference',
    file: 'src/lawful/grant-decisions.js',
    edits: [{ find: "rule.needs.includes('case_reference') && asked.caseReference === null", replace: 'false' }],
  },
  {
    id: 'subject access',
    name: 'who looked is left out',
    file: 'src/lawful/export.js',
    edits: [{ find: 'yield* this.#readers(orderId);', replace: 'this.#readers(orderId);' }],
  },
  {
    id: 'subject access',
    name: 'stored positions are left out',
    file: 'src/lawful/export.js',
    edits: [{ find: "yield* this.#reviewed('positions', orderId, 'fixes', atMs);", replace: '' }],
  },
  {
    id: 'third parties',
    name: 'the person is told where exclusion zones lie',
    file: 'src/lawful/third-parties.js',
    edits: [{ find: "if (condition.kind !== 'exclusion_zone') return condition;", replace: 'return condition;' }],
  },
  {
    id: 'third parties',
    name: 'the person is told the names of staff',
    file: 'src/lawful/third-parties.js',
    edits: [{ find: 'if (!NAMES.test(name) || NO_NAMES.has(name))', replace: 'if (true)' }],
  },
  {
    id: 'statistics',
    name: 'small counts are published',
    file: 'src/lawful/suppress.js',
    edits: [{ find: 'counts.filter(({ count }) => count < THRESHOLD)', replace: 'counts.filter(() => false)' }],
  },
  {
    id: 'statistics',
    name: 'one hidden count can be worked out from the total',
    file: 'src/lawful/suppress.js',
    edits: [{ find: 'while (hidden.size > 0 && rest.length > 0 &&', replace: 'while (false &&' }],
  },
  {
    id: 'device link',
    name: 'a JWE that was changed on its way is taken in',
    file: 'src/crypto/uplink-jwe.js',
    edits: [{ find: 'gcm.final();', replace: '' }],
  },
  {
    id: 'device link',
    name: 'an envelope that was changed on its way is taken in',
    file: 'src/crypto/envelope.js',
    edits: [{ find: 'try { gcm.final(); }', replace: 'try { }' }],
  },
  {
    id: 'plain links',
    name: 'a plain connection may be served to the network',
    file: 'src/adapters/system/loopback.js',
    edits: [{ find: "return host === 'localhost' ||", replace: "return true || host === 'localhost' ||" }],
  },
  {
    id: 'seals',
    name: 'what is stored is written as it is',
    file: 'src/crypto/seals.js',
    edits: [
      { find: 'sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(', replace: '((to, plain) => plain.copy(to))(' },
      {
        find: 'sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(',
        replace: '((to, _, from) => from.copy(to, 0, 0, from.length - tagBytes))(',
      },
    ],
  },
  {
    id: 'archive',
    name: 'a segment opens as that of any order and day',
    file: 'src/crypto/segment-seal.js',
    edits: [
      {
        find: "{ alg: ALG, enc: 'A256GCM', stream, day, epk: jwkOf(point) }",
        replace: "{ alg: ALG, enc: 'A256GCM', epk: jwkOf(point) }",
      },
    ],
  },
  {
    id: 'archive',
    name: 'the tier that takes in gets the key that opens the archive',
    file: 'src/crypto/order-keys.js',
    edits: [{ find: '{ ...p256(keys.archivePublic),', replace: '{ ...p256(keys.archivePrivate),' }],
  },
  {
    id: 'message',
    name: 'the message says what happened',
    file: 'src/lawful/notification.js',
    edits: [{ find: 'there is something new for you.', replace: 'a curfew alert of order 12.' }],
  },
];
