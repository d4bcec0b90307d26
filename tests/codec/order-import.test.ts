/** The orders of an import file, however it is laid out. */
import t from 'tap';
import { ordersFromText } from '../../src/codec/order-import.js';

t.test('one order a line: empty lines are passed over, and a broken one does not stop the others', async (t) => {
  t.match(
    [...ordersFromText('\uFEFF{"order_id":"A"}\r\n\r\n{"order_id":\n{"order_id":"B"}\n')],
    [
      { line: 1, json: { order_id: 'A' } },
      { line: 3, problem: { path: '', expected: 'JSON' } },
      { line: 4, json: { order_id: 'B' } },
    ],
  );
});

t.test('an array of orders is numbered by its places', async (t) => {
  t.same(
    [...ordersFromText(' [{"a":1},\n\n {"a":2}]')],
    [
      { line: 1, json: { a: 1 } },
      { line: 2, json: { a: 2 } },
    ],
  );
});

t.test('one order over many lines is one order', async (t) => {
  t.same([...ordersFromText('{\n  "a": 1\n}\n')], [{ line: 1, json: { a: 1 } }]);
});

t.test('an array with a fault is one problem, not one for each line', async (t) => {
  const told = [...ordersFromText('[{"a":1},\n{"a":2}\n{"a":3}]')];
  t.equal(told.length, 1);
  t.match(told, [{ problem: { expected: 'JSON' } }]);
});

t.test('an empty file has no orders', async (t) => {
  t.same([...ordersFromText('\n \n')], []);
});
