import t from 'tap';
import { openSwaps, type ProcessSight, unsafeForPeople } from '../../src/commands/safe-process.js';

const LIMITS = (soft: string) => `Limit                     Soft Limit           Hard Limit           Units
Max data size             unlimited            unlimited            bytes
Max core file size        ${soft.padEnd(20)} unlimited            bytes
`;
const sight = (change: Partial<ProcessSight>): ProcessSight => ({
  flags: [],
  limits: LIMITS('0'),
  swaps: null,
  ...change,
});

t.test('what would write memory to a disk is refused, each by its name and with what to do', (t) => {
  t.same(unsafeForPeople(sight({ flags: ['--enable-source-maps', '--max-old-space-size=4096'] })), []);
  for (const flag of [
    '--report-on-fatalerror',
    '--report-uncaught-exception',
    '--report-on-signal',
    '--heapsnapshot-signal=SIGUSR2',
    '--heapsnapshot-near-heap-limit=3',
    '--heap-prof',
    '--abort-on-uncaught-exception',
  ]) {
    const [fault, ...more] = unsafeForPeople(sight({ flags: [flag] }));
    t.match(fault, flag.split('=')[0] as string);
    t.match(fault, /take it out/);
    t.same(more, []);
  }
  t.match(unsafeForPeople(sight({ limits: LIMITS('unlimited') })), [/ulimit -c 0/]);
  t.match(unsafeForPeople(sight({ limits: LIMITS('1024') })), [/LimitCORE=0/]);
  t.same(unsafeForPeople(sight({ limits: null })), [], 'where there is no /proc nothing can be said');
  t.end();
});

t.test('swap that is not known to be encrypted is named', (t) => {
  const swaps =
    'Filename\t\tType\t\tSize\n/dev/sda2   partition 1 0 -2\n/dev/dm-1 partition 1 0 -3\n/dev/zram0 partition 1 0 -4\n/swapfile file 1 0 -5\n';
  t.same(openSwaps(sight({ swaps })), ['/dev/sda2', '/swapfile']);
  t.same(openSwaps(sight({ swaps: 'Filename\tType\n' })), []);
  t.end();
});
