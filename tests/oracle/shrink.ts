/** The smallest world that still fails: uploads go first, then records, then what the orders say. */
import type { ConditionJson, OrderJson, World } from './contract.js';

/** `fails` is asked at most `triesMax` times. */
export async function shrink(
  world: World,
  fails: (smaller: World) => Promise<boolean>,
  triesMax: number,
): Promise<World> {
  let best = world;
  let tries = triesMax;
  const attempt = async (smaller: World): Promise<boolean> => {
    if (tries-- <= 0 || !(await fails(smaller))) return false;
    best = smaller;
    return true;
  };
  for (let before: World | null = null; before !== best && tries > 0; ) {
    before = best;
    await dropping(
      () => best.uploads,
      (uploads) => attempt({ ...best, uploads }),
    );
    for (let i = best.uploads.length - 1; i >= 0; i--) {
      const upload = best.uploads[i];
      if (upload === undefined || upload.records.length < 2) continue;
      await dropping(
        () => best.uploads[i]?.records ?? [],
        async (records) =>
          records.length > 0 &&
          (await attempt({ ...best, uploads: best.uploads.map((u, j) => (j === i ? { ...u, records } : u)) })),
      );
    }
    await dropping(
      () => best.orders,
      (orders) => attempt({ ...best, orders }),
    );
    for (const order of best.orders)
      for (const smaller of smallerOrders(order))
        if (await attempt({ ...best, orders: best.orders.map((o) => (o.order_id === order.order_id ? smaller : o)) }))
          break;
  }
  return best;
}

/** Tries to leave out halves, quarters, … and at last each item by itself. */
async function dropping<T>(
  items: () => readonly T[],
  attempt: (rest: readonly T[]) => Promise<boolean>,
): Promise<void> {
  for (let size = Math.ceil(items().length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < items().length; ) {
      const rest = [...items().slice(0, from), ...items().slice(from + size)];
      if (!(await attempt(rest))) from += size;
    }
    if (size === 1) return;
  }
}

/** One thing less in each. */
function* smallerOrders(order: OrderJson): Generator<OrderJson> {
  const { atv_allowance_min: _, ...noAllowance } = order;
  if (order.atv_allowance_min !== undefined) yield noAllowance;
  const { policy: __, ...noPolicy } = order;
  if (order.policy !== undefined) yield noPolicy;
  for (const device of order.devices) yield { ...order, devices: order.devices.filter((d) => d !== device) };
  for (const condition of order.conditions) {
    if (order.conditions.length > 1) yield { ...order, conditions: order.conditions.filter((c) => c !== condition) };
    for (const smaller of smallerConditions(condition))
      yield { ...order, conditions: order.conditions.map((c) => (c === condition ? smaller : c)) };
  }
}

function* smallerConditions(condition: ConditionJson): Generator<ConditionJson> {
  if (!('timetable' in condition || 'dated' in condition || 'authorised_absences' in condition)) return;
  for (const name of ['timetable', 'dated', 'authorised_absences'] as const) {
    const rows: readonly unknown[] = condition[name] ?? [];
    for (const row of rows) yield { ...condition, [name]: rows.filter((r) => r !== row) };
  }
}
