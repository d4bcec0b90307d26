/** Which shapes can be judged, and that no problem says where they are. */
import t from 'tap';
import { LIMITS } from '../../src/domain/limits.js';
import { formatProblem } from '../../src/domain/problem.js';
import type { Polygon, Position, Ring } from '../../src/domain/zone.js';
import { withoutEmptyParts, zoneProblems } from '../../src/rules/zone-validity.js';

const told = (...polygons: Polygon[]): string[] =>
  zoneProblems({ kind: 'polygons', polygons }, 'zone', polygons.length > 1).map(formatProblem);

const box = (x0: number, y0: number, x1: number, y1: number): Ring => [
  [x0, y0],
  [x1, y0],
  [x1, y1],
  [x0, y1],
  [x0, y0],
];

const SOUND: Record<string, Polygon[]> = {
  'a ring that winds clockwise': [[[...box(0, 0, 1, 1)].reverse()]],
  'a hole that winds as its outer ring': [[box(0, 0, 9, 9), box(1, 1, 2, 2)]],
  'a hole that touches its outer ring at a point': [
    [
      box(0, 0, 9, 9),
      [
        [0, 4],
        [2, 3],
        [2, 5],
        [0, 4],
      ],
    ],
  ],
  'a position given twice in a row': [
    [
      [
        [0, 0],
        [1, 0],
        [1, 0],
        [1, 1],
        [0, 0],
      ],
    ],
  ],
  'two polygons that touch at a corner': [[box(0, 0, 1, 1)], [box(1, 1, 2, 2)]],
  'a polygon in the hole of another': [[box(0, 0, 9, 9), box(1, 1, 8, 8)], [box(2, 2, 3, 3)]],
  'a zone of a few metres': [[box(-1.5, 53.8, -1.49999, 53.80001)]],
  'a zone at the corner of the map': [[box(179, 89, 180, 90)]],
};
for (const [what, polygons] of Object.entries(SOUND)) {
  t.test(`${what} is sound`, async (t) => t.same(told(...polygons), []));
}

const UNSOUND: [string, Polygon[], string][] = [
  [
    'a bow-tie',
    [
      [
        [
          [0, 0],
          [1, 1],
          [1, 0],
          [0, 1],
          [0, 0],
        ],
      ],
    ],
    'coordinates[0]: expected rings that cross neither themselves nor each other, got a crossing near position',
  ],
  [
    'a ring that touches itself',
    [
      [
        [
          [0, 0],
          [1, 0],
          [1, 1],
          [0, 0],
          [-1, 1],
          [-1, 0],
          [0, 0],
        ],
      ],
    ],
    'coordinates[0]: expected rings that do not touch themselves, got a touch near position 0',
  ],
  [
    'an outer ring given again as a hole',
    [[box(0, 0, 1, 1), box(0, 0, 1, 1)]],
    'coordinates[0]: expected rings that cross',
  ],
  ['a hole that crosses its outer ring', [[box(0, 0, 4, 4), box(3, 1, 6, 2)]], 'expected rings that cross'],
  [
    'a hole that cuts its polygon apart',
    [
      [
        box(0, 0, 9, 9),
        [
          [0, 4],
          [4.5, 9],
          [9, 4],
          [4.5, 0],
          [0, 4],
        ],
      ],
    ],
    'expected one connected inside',
  ],
  ['polygons that overlap', [[box(0, 0, 2, 2)], [box(1, 1, 3, 3)]], 'expected rings that cross'],
  ['polygons that share an edge', [[box(0, 0, 1, 1)], [box(1, 0, 2, 1)]], 'expected rings that cross'],
  [
    'a ring on one line',
    [
      [
        [
          [0, 0],
          [1, 1],
          [3, 3],
          [2, 2],
          [0, 0],
        ],
      ],
    ],
    'coordinates[0]: expected a ring with an area',
  ],
  [
    'one place four times',
    [
      [
        [
          [1, 1],
          [1, 1],
          [1, 1],
          [1, 1],
        ],
      ],
    ],
    'coordinates[0]: expected a ring with an area',
  ],
  ['a ring not closed', [[box(0, 0, 1, 1).slice(0, 4)]], 'coordinates[0]: expected a closed ring'],
  [
    'three positions',
    [[box(0, 0, 1, 1).slice(0, 3)]],
    'coordinates[0]: expected a ring of at least 4 positions, got 3',
  ],
  ['no position', [[[]]], 'coordinates[0]: expected a ring of at least 4 positions, got 0'],
  ['no ring', [[]], 'coordinates[0]: expected at least one ring, got none'],
  ['no polygon', [], 'coordinates: expected at least one polygon, got none'],
  [
    'not a number',
    [
      [
        [
          [0, 0],
          [1, Number.NaN],
          [1, 1],
          [0, 0],
        ],
      ],
    ],
    'coordinates[0][1]: expected a latitude between -90 and 90, got NaN',
  ],
  [
    'an endless longitude',
    [
      [
        [
          [0, 0],
          [Number.POSITIVE_INFINITY, 0],
          [1, 1],
          [0, 0],
        ],
      ],
    ],
    'coordinates[0][1]: expected a longitude between -180 and 180, got Infinity',
  ],
  [
    'a latitude past the pole',
    [[box(0, 89, 1, 90.2)]],
    'coordinates[0][2]: expected a latitude between -90 and 90, got 91',
  ],
];
for (const [what, polygons, start] of UNSOUND) {
  t.test(`${what} is refused`, async (t) => {
    const problems = told(...polygons);
    t.ok(problems.length > 0);
    t.ok(problems[0]?.includes(start), `${problems[0]} has: ${start}`);
  });
}

t.test('a hole that is empty is no hole, and an empty polygon beside another is nothing', async (t) => {
  t.same(told([box(0, 0, 1, 1), [], []]), []);
  t.same(told([box(0, 0, 1, 1)], []), []);
  t.same(told([[]], [box(0, 0, 1, 1)], [[], []]), []);
  t.same(told([[], box(0, 0, 1, 1)]), [
    'zone.coordinates[0]: expected an outer ring before its holes, got an empty one',
  ]);
  const shape = { kind: 'polygons' as const, polygons: [[box(0, 0, 1, 1), []], [], [[]]] };
  t.same(withoutEmptyParts(shape), { kind: 'polygons', polygons: [[box(0, 0, 1, 1)]] });
});

t.test('positions are judged as the decimals they were written in', async (t) => {
  // 0.1, 0.2 and 0.3 are on one line as written; as binary fractions the hole's corner is outside by 3 · 10⁻¹⁷
  const slanted: Ring = [
    [0, 0],
    [0.7, 0.1],
    [0.7, 0.9],
    [0, 0],
  ];
  const touching: Ring = [
    [0.07, 0.01],
    [0.5, 0.4],
    [0.5, 0.3],
    [0.07, 0.01],
  ];
  for (const by of [0, 1.1, 52.3, -1.7]) {
    const move = (ring: Ring) => ring.map(([x, y]): Position => [x - by, y + by]);
    t.same(told([move(slanted), move(touching)]), [], `${by}`);
    // 1 m beyond the edge
    const [, ...rest] = touching.slice(0, 3);
    const over: Ring = [[0.07, 0.00999], ...rest, [0.07, 0.00999]];
    t.match(told([move(slanted), move(over)])[0], /a crossing near position/, `${by}`);
  }
});

t.test('a nearly flat ring has an area', async (t) => {
  const thin = (y: number): Ring => [
    [0, 0],
    [3, 1],
    [6, y],
    [0, 0],
  ];
  t.same(told([thin(2)]), [
    'zone.coordinates[0]: expected a ring with an area, got one whose positions lie on one line',
  ]);
  t.same(told([thin(2.000_000_000_1)]), [], '11 µm');
  t.same(told([thin(2.000_000_000_001)]), [], 'no decimal of ten digits');
});

t.test('a ring across the antimeridian is judged as the zone it is', async (t) => {
  const onMap = (ring: Ring): Ring => ring.map(([lon, lat]) => [lon > 180 ? lon - 360 : lon, lat]);
  // its bays reach across and back: in the plane of the map these edges cross each other
  const bays: Ring = [
    [179, 0],
    [181, 0],
    [181, 1],
    [179.5, 2],
    [181, 3],
    [178, 4],
    [178, 0.5],
    [179, 0],
  ];
  t.same(told([onMap(bays)]), []);
  t.same(told([onMap(bays), onMap(box(179.2, 0.2, 180.8, 0.6))]), []);
  t.match(told([onMap(bays), onMap(box(179.2, 0.2, 182, 0.6))])[0], /a crossing near position/);
  t.match(
    told([
      onMap([
        [179, 0],
        [181, 1],
        [181, 0],
        [179, 1],
        [179, 0],
      ]),
    ])[0],
    /a crossing near position/,
  );
  // cut in two as RFC 7946 asks, the halves share no edge on the map
  t.same(told([box(179, 0, 180, 1)], [box(-180, 0, -179, 1)]), []);
});

t.test('a program is told what is wrong by a code, and where by indexes', async (t) => {
  const first = (...polygons: Polygon[]) => {
    const [problem] = zoneProblems({ kind: 'polygons', polygons }, 'zone', polygons.length > 1);
    return problem && [problem.code, problem.polygon, problem.ring, problem.position];
  };
  const outer = box(0, 0, 9, 9);
  const hole = box(3, 3, 6, 6);
  t.same(first(), ['empty', null, null, null]);
  t.same(first([outer, box(8, 8, 10, 10)])?.[0], 'crossing');
  t.same(first([outer, box(20, 20, 21, 21)]), ['hole_outside', 0, 1, 0]);
  t.same(first([outer, hole, box(4, 4, 5, 5)])?.slice(0, 2), ['nested_holes', 0]);
  t.same(first([outer], [hole])?.[0], 'nested_polygons');
  t.same(first([box(-9, 0, -8, 1)], [outer, hole.slice(0, 4)]), ['not_closed', 1, 1, 3]);
  t.same(first([box(-9, 0, -8, 1)], [outer, hole.slice(0, 3)]), ['few_positions', 1, 1, null]);
  t.same(
    first([
      outer,
      [
        [1, 1],
        [2, 2],
        [3, 3],
        [1, 1],
      ],
    ]),
    ['no_area', 0, 1, null],
  );
  t.same(first([box(0, 0, 1, 91)]), ['off_the_earth', 0, 0, 2]);
  t.same(
    first([
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 0],
        [-1, 1],
        [-1, 0],
        [0, 0],
      ],
    ]),
    ['ring_touches_itself', 0, 0, 0],
  );
  t.same(
    zoneProblems({ kind: 'circle', center: [0, 91], radiusM: 0 }, '').map(({ code }) => code),
    ['off_the_earth', 'radius'],
  );
});

t.test('rings of a MultiPolygon are named by polygon and ring', async (t) => {
  const [problem] = told([box(0, 0, 1, 1)], [box(2, 2, 9, 9), box(3, 3, 4, 4), box(20, 20, 21, 21)]);
  t.equal(
    problem,
    'zone.coordinates[1][2]: expected holes inside their outer ring, got a hole outside near position 0',
  );
});

t.test('a shape that is the whole document has paths from its root', async (t) => {
  t.match(zoneProblems({ kind: 'polygons', polygons: [] }, ''), [{ path: 'coordinates' }]);
  t.match(zoneProblems({ kind: 'circle', center: [0, 0], radiusM: -1 }, ''), [{ path: 'radius_m', got: '-1' }]);
});

t.test('circles have a centre on Earth and a radius over 0 and up to 100 km', async (t) => {
  const paths = (center: Position, radiusM: number) =>
    zoneProblems({ kind: 'circle', center, radiusM }, 'zone').map(({ path }) => path);
  t.same(paths([-1.5, 53.8], 100_000), []);
  t.same(paths([-1.5, 53.8], 0.5), []);
  for (const radiusM of [0, -5, 100_000.1, Number.NaN, Number.POSITIVE_INFINITY]) {
    t.same(paths([-1.5, 53.8], radiusM), ['zone.radius_m'], String(radiusM));
  }
  t.same(paths([-1.5, 90.1], 1), ['zone.center']);
  t.same(paths([-180.1, 0], 1), ['zone.center']);
});

t.test('a jagged zone at the limit is judged without copying it for each tooth', async (t) => {
  const teeth = LIMITS.zoneVerticesMax - 3;
  const ring = Array.from({ length: teeth }, (_, i): Position => [i / teeth, i % 2]);
  t.same(told([[...ring, [1, -1], [0, -1], [0, 0]]]), []);
});

t.test('a zone of ten thousand positions is judged, one over the limit is refused unseen', async (t) => {
  const wheel = (n: number): Ring => {
    const ring = Array.from({ length: n }, (_, i): Position => {
      const radius = 1 + 0.01 * Math.sin(i);
      return [radius * Math.cos((2 * Math.PI * i) / n), radius * Math.sin((2 * Math.PI * i) / n)];
    });
    return [...ring, ring[0] as Position];
  };
  t.same(told([wheel(10_000)]), []);
  t.same(told([wheel(LIMITS.zoneVerticesMax)]), ['zone.coordinates: expected at most 20000 positions, got 20001']);
});
