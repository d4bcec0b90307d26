/** Boxes found by where they are: as by looking at every one, of all sizes, at any place, for small looks and large ones. */
import t from 'tap';
import { type Box, HashedBoxes } from '../../src/rules/hashed-boxes.js';
import { seeded, seedOfRun } from './seeded.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);
/** What is found may lie beside what was looked for by so many degrees. */
const UNIT = 2 ** -20;

/** From centimetres to all of the earth, often at the antimeridian and often exactly where another begins. */
function boxOf(random: () => number, before: Box | undefined): Box {
  const size = 1e-7 * 10 ** (9.5 * random());
  const [minX, minY] =
    before !== undefined && random() < 0.3
      ? [before.maxX, before.maxY]
      : [random() < 0.3 ? 179 + 2 * random() : -180 + 360 * random(), -90 + 180 * random()];
  return { minX, minY, maxX: minX + size * random(), maxY: minY + size * random() };
}

const meets = (a: Box, b: Box, slack: number): boolean =>
  a.minX <= b.maxX + slack && b.minX <= a.maxX + slack && a.minY <= b.maxY + slack && b.minY <= a.maxY + slack;

t.test('all boxes that meet another are found, each once, and none that lies beside it', (t) => {
  const random = seeded(seed);
  let found = 0;
  for (let round = 0; round < 30; round++) {
    const boxes: Box[] = [];
    const many = Math.floor(2 ** (12 * random()));
    for (let i = 0; i < many; i++) boxes.push(boxOf(random, boxes.at(-1)));
    const index = new HashedBoxes(boxes);
    for (let n = 0; n < 300; n++) {
      const near = boxes[Math.floor(many * random())];
      const look =
        near !== undefined && random() < 0.3
          ? { ...near, minX: near.maxX, minY: near.maxY }
          : boxOf(random, random() < 0.7 ? near : undefined);
      const count = index.look(look.minX, look.minY, look.maxX, look.maxY);
      const hits = [...index.hits.subarray(0, count)];
      const once = new Set(hits);
      if (once.size !== count) t.fail(`${hits} for ${JSON.stringify(look)}`);
      boxes.forEach((box, i) => {
        if (meets(box, look, 0) ? !once.has(i) : once.has(i) && !meets(box, look, UNIT)) {
          t.fail(`box ${i} of ${many}, ${JSON.stringify(box)}, for ${JSON.stringify(look)}`);
        }
      });
      found += count;
    }
  }
  t.ok(found > 10_000, `${found} found`);
  t.end();
});

t.test('a look that is larger than the boxes are many goes over the boxes, and is as soon done', (t) => {
  const boxes = Array.from({ length: 100 }, (_, i) => ({ minX: i / 1e3, minY: 0, maxX: (i + 0.5) / 1e3, maxY: 5e-4 }));
  const index = new HashedBoxes(boxes);
  // by cells of half a thousandth of a degree that would be a hundred milliards
  t.equal(index.look(-180, -90, 180, 90), 100);
  t.same(
    [...index.hits.subarray(0, 100)].sort((a, b) => a - b),
    [...boxes.keys()],
  );
  t.equal(index.look(-180, -90, 0.0299, 90), 30);
  t.end();
});

t.test('what runs past the antimeridian by a turn is found there, and what is nowhere is not', (t) => {
  const index = new HashedBoxes([
    { minX: 170, minY: 0, maxX: 530, maxY: 1 },
    { minX: -900, minY: 0, maxX: -300, maxY: 1 },
    { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity },
  ]);
  const at = (x: number) => [...index.hits.subarray(0, index.look(x, 0.5, x, 0.5))];
  t.same([at(169), at(529), at(-301), at(0)], [[], [0], [1], []]);
  t.equal(new HashedBoxes([]).look(-180, -90, 180, 90), 0);
  t.end();
});
