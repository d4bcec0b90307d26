/** What a person is told about an order that cannot be taken: the exact text of every refusal. */
import t from 'tap';
import { parseOrder } from '../../src/codec/order-json.js';
import { formatProblem, type Problem } from '../../src/domain/problem.js';
import { checkOrder } from '../../src/rules/order-checks.js';
import { invalidOrders, others, validOrders } from '../support/order-fixtures.js';

function problemsOf(json: unknown): readonly Problem[] {
  const parsed = parseOrder(json);
  return parsed.ok ? checkOrder(parsed.value, others) : parsed.fault;
}

for (const { name, json } of validOrders()) {
  t.test(`the order of ${name} is taken`, async (t) => {
    t.strictSame(problemsOf(json).map(formatProblem), []);
  });
}

for (const { name, why, json, problems } of invalidOrders()) {
  t.test(`${why} is refused (${name})`, async (t) => {
    const told = problemsOf(json);
    t.ok(problems.length > 0, 'the fixture says what is told');
    t.strictSame(told.map(formatProblem), problems);
    t.ok(
      told.every(({ got }) => got.length <= 80),
      'what came is told in at most 80 characters',
    );
  });
}
