/** Every target by name; each is loaded only when it is wanted, after the counters are in place. */
import type { Target } from './target.js';

export interface TargetEntry extends Pick<Target, 'name' | 'promise' | 'judges'> {
  load(): Promise<Target>;
}

type Parts = Omit<Target, 'name' | 'promise' | 'judges'>;

function entry(
  about: Pick<Target, 'name' | 'promise' | 'judges'>,
  load: () => Promise<{ readonly target: Parts }>,
): TargetEntry {
  return { ...about, load: async () => ({ ...(await load()).target, ...about }) };
}

const WIRE = ['src/codec/framing.', 'src/codec/record', 'src/codec/upload.', 'src/domain/ids.'];
const JSON_ORDER = [
  'src/codec/order-',
  'src/codec/zone-json.',
  'src/codec/packed.',
  'src/domain/',
  'src/rules/order-checks.',
];

export const TARGETS: readonly TargetEntry[] = [
  entry(
    {
      name: 'envelope',
      promise:
        'bytes are an envelope or are refused, and only what was sealed for this topic under this key is an upload',
      judges: [
        'src/codec/envelope.',
        'src/crypto/envelope.',
        'src/intake/read-upload.',
        'src/intake/key-ring.',
        ...WIRE,
      ],
    },
    () => import('./targets/envelope.js'),
  ),
  entry(
    {
      name: 'upload',
      promise:
        'an upload is within every bound of the wire and keeps its meaning, or is refused; no fix without both coordinates',
      judges: WIRE,
    },
    () => import('./targets/upload.js'),
  ),
  entry(
    {
      name: 'jwe',
      promise: 'a JWE has the one header that is allowed and a true seal, or is refused',
      judges: ['src/crypto/uplink-jwe.', 'src/crypto/strict-jwe.', 'src/crypto/key-jwe.', 'src/intake/read-upload.'],
    },
    () => import('./targets/jwe.js'),
  ),
  entry(
    {
      name: 'order',
      promise:
        'an order is taken whole and comes back the same, with windows that can be listed, or each problem is told',
      judges: [...JSON_ORDER, 'src/rules/window', 'src/rules/compile.', 'src/rules/civil-time.', 'src/rules/order-'],
    },
    () => import('./targets/order.js'),
  ),
  entry(
    {
      name: 'zone',
      promise: 'a zone that is taken is valid as OGC has it and can be judged, or each problem is told',
      judges: [
        'src/codec/zone-json.',
        'src/codec/order-reader.',
        'src/rules/zone-validity.',
        'src/rules/zone-topology.',
        'src/rules/geometry',
      ],
    },
    () => import('./targets/zone.js'),
  ),
  entry(
    {
      name: 'replay',
      promise: 'a line of a replay is an upload that is written and read again the same, or is refused in words',
      judges: ['src/codec/upload-json.', 'src/codec/json-fields.', 'src/codec/record', 'src/domain/ids.'],
    },
    () => import('./targets/replay.js'),
  ),
  entry(
    {
      name: 'stored',
      promise: 'what a damaged disk gives is read, or refused by name, without a hang or memory out of proportion',
      judges: [
        'src/codec/packed.',
        'src/codec/range-coder.',
        'src/codec/segment',
        'src/codec/number-columns.',
        'src/codec/state-record.',
        'src/codec/entry-record.',
        'src/codec/alert-record.',
        'src/codec/order-record.',
        'src/codec/audit-entry.',
        'src/codec/register-document.',
        'src/codec/course.',
      ],
    },
    () => import('./targets/stored.js'),
  ),
  entry(
    {
      name: 'json',
      promise: 'a body is read as what it says, within its bounds and with no member twice, or is refused',
      judges: ['src/codec/strict-json.'],
    },
    () => import('./targets/json.js'),
  ),
  entry(
    {
      name: 'hmpps',
      promise:
        'an order of the HMPPS API becomes one of ours that comes back the same, or what is missing or wrong is told',
      judges: ['src/codec/hmpps-', 'src/codec/order-import.'],
    },
    () => import('./targets/hmpps.js'),
  ),
  entry(
    {
      name: 'mqtt',
      promise:
        'whatever bytes a stranger sends, nothing falls over, nothing is taken that was not sent, others are served',
      judges: ['src/adapters/mqtt/'],
    },
    () => import('./targets/mqtt.js'),
  ),
  entry(
    {
      name: 'api',
      promise: 'whatever a person with a token asks, the answer comes, is well-formed, and is no failure (5xx)',
      judges: ['src/api/', 'src/codec/order-', 'src/codec/zone-json.', 'src/lawful/'],
    },
    () => import('./targets/api.js'),
  ),
];
