/** What is told of a shape that cannot be judged: which fault, of which polygon, ring and position. */
import t from 'tap';
import { LIMITS } from '../../src/domain/limits.js';
import type { Polygon, Ring, ZoneShape } from '../../src/domain/zone.js';
import { zoneProblems } from '../../src/rules/zone-validity.js';

const box = (x0: number, y0: number, x1: number, y1: number): Ring => [
  [x0, y0],
  [x1, y0],
  [x1, y1],
  [x0, y1],
  [x0, y0],
];
const shape = (...polygons: Polygon[]): ZoneShape => ({ kind: 'polygons', polygons });
const problems = (...polygons: Polygon[]) => zoneProblems(shape(...polygons), 'zone', polygons.length > 1);
const NOWHERE = { polygon: null, ring: null, position: null };

t.test('a fault of the whole shape is of no ring', (t) => {
  const many = Array.from({ length: LIMITS.zoneVerticesMax + 1 }, () => [0, 0] as const);
  t.match(problems([many]), [{ code: 'many_positions', ...NOWHERE }]);
  t.match(problems(), [{ code: 'empty', ...NOWHERE, path: 'zone.coordinates' }]);
  t.match(problems([]), [{ code: 'empty', ...NOWHERE, path: 'zone.coordinates[0]', expected: 'at least one ring' }]);
  t.match(problems([[]]), [{ code: 'empty', ...NOWHERE, path: 'zone.coordinates[0]', got: '0' }]);
  const circle = zoneProblems({ kind: 'circle', center: [0, 91], radiusM: 0 }, 'zone');
  t.match(circle, [
    { code: 'off_the_earth', ...NOWHERE, path: 'zone.center' },
    { code: 'radius', ...NOWHERE, path: 'zone.radius_m' },
  ]);
  t.match(zoneProblems({ kind: 'circle', center: [0, -91], radiusM: 1 }, ''), [{ path: /^center$/, got: '-91' }]);
  t.match(zoneProblems(shape([box(0, 0, 1, 1).slice(0, 3)]), ''), [
    { path: /^coordinates\[0\]$/, code: 'few_positions' },
  ]);
  t.strictSame(zoneProblems({ kind: 'circle', center: [0, -90], radiusM: 1 }, ''), []);
  t.end();
});

t.test('a position off the earth is named by its ring and its place in it', (t) => {
  const ring = box(0, 0, 1, 1).map((at, i) => (i === 2 ? ([1, 90.5] as const) : at));
  t.match(problems([box(0, 0, 9, 9), ring]), [
    { code: 'off_the_earth', polygon: 0, ring: 1, position: 2, path: 'zone.coordinates[1][2]', got: '91' },
  ]);
  t.end();
});

t.test('a polygon whose outer ring is empty is told by that name', (t) => {
  t.match(problems([[], box(0, 0, 1, 1)]), [{ code: 'outer_ring_missing', polygon: 0, ring: 0, position: null }]);
  t.strictSame(problems([box(0, 0, 1, 1), []]), [], 'an empty hole is none');
  t.end();
});

t.test('a ring that ends east or north of its beginning is not closed', (t) => {
  for (const end of [
    [0.5, 0],
    [0, 0.5],
  ] as const) {
    const ring = [...box(0, 0, 1, 1).slice(0, -1), end];
    t.match(problems([ring]), [{ code: 'not_closed', position: 4 }], `${end}`);
  }
  t.end();
});

for (const [code, says, polygons, where] of [
  ['nested_holes', 'a hole inside another', [[box(0, 0, 9, 9), box(1, 1, 8, 8), box(2, 2, 3, 3)]], 0],
  ['hole_outside', 'a hole outside', [[box(0, 0, 9, 9), box(20, 20, 21, 21)]], 0],
  ['nested_polygons', 'a polygon inside another', [[box(0, 0, 9, 9)], [box(1, 1, 2, 2)]], null],
  [
    'crossing',
    'a crossing',
    [
      [
        [
          [0, 0],
          [2, 2],
          [2, 0],
          [0, 2.5],
          [0, 0],
        ],
      ],
    ],
    0,
  ],
] as const satisfies readonly (readonly [string, string, readonly Polygon[], number | null])[]) {
  t.test(`${code} is told in words, with the ring and the position where it shows`, (t) => {
    const [problem, ...more] = problems(...(polygons as readonly Polygon[]));
    t.equal(more.length, 0);
    t.equal(problem?.code, code);
    t.match(problem?.got, says);
    t.ok((problem?.expected ?? '').length > 10, 'and what was expected');
    const { polygon, ring, position } = problem ?? NOWHERE;
    const prefix = polygons.length > 1 ? `zone.coordinates[${polygon}][${ring}]` : `zone.coordinates[${ring}]`;
    if (where !== null) t.equal(polygon, where);
    t.equal(problem?.path, prefix);
    t.ok(position !== null && problem?.got.includes(`near position ${position}`), 'and near which position');
    t.end();
  });
}

t.test('a fault in the second polygon is told of the second, though its ring has the same number', (t) => {
  const bow: Ring = [
    [20, 0],
    [22, 2],
    [22, 0],
    [20, 2.5],
    [20, 0],
  ];
  t.match(problems([box(0, 0, 9, 9)], [bow]), [
    { code: 'crossing', polygon: 1, ring: 0, path: 'zone.coordinates[1][0]' },
  ]);
  t.end();
});

t.test('a polygon given twice is a fault, however it is called', (t) => {
  const [problem] = problems([box(0, 0, 1, 1)], [box(0, 0, 1, 1)]);
  t.ok((problem?.expected ?? '').length > 10 && (problem?.got ?? '').length > 3, `${problem?.code}: ${problem?.got}`);
  t.end();
});
