/** Makes a plan that fails smaller, as long as it fails in the same way: fewer people, fewer uploads, fewer faults. */
import type { Fault } from './faults.js';
import { judge } from './judge.js';
import type { Plan } from './plan.js';

/** The invariant that a violation names. */
const kindOf = (violation: string): string => violation.slice(0, 'invariant 0'.length);

export interface Shrunk {
  readonly plan: Plan;
  readonly violations: readonly string[];
  /** Plans that were tried. */
  readonly tries: number;
}

/** At most `triesMax` plans are tried. */
export async function shrink(plan: Plan, violations: readonly string[], triesMax = 400): Promise<Shrunk> {
  const kinds = new Set(violations.map(kindOf));
  let tries = 0;
  let smallest: Omit<Shrunk, 'tries'> = { plan, violations };
  const fails = async (candidate: Plan): Promise<boolean> => {
    if (tries >= triesMax) return false;
    tries += 1;
    const found = (await judge(candidate)).violations;
    if (!found.some((violation) => kinds.has(kindOf(violation)))) return false;
    smallest = { plan: candidate, violations: found };
    return true;
  };
  for (let before = -1; before !== sizeOf(smallest.plan) && tries < triesMax; ) {
    before = sizeOf(smallest.plan);
    for (const order of smallest.plan.orders) await fails(withoutPerson(smallest.plan, order.order_id));
    await withoutSome(
      () => smallest.plan.faults,
      (faults) => fails({ ...smallest.plan, faults }),
    );
    await withoutSome(
      () => smallest.plan.uploads,
      (uploads) => fails({ ...smallest.plan, uploads }),
    );
  }
  return { ...smallest, tries };
}

const sizeOf = ({ orders, uploads, faults }: Plan): number => orders.length + uploads.length + faults.length;

/** Takes away half of them, then a quarter, down to one by one. `parts` gives what is left just now. */
async function withoutSome<T>(
  parts: () => readonly T[],
  fails: (fewer: readonly T[]) => Promise<boolean>,
): Promise<void> {
  for (let count = Math.ceil(parts().length / 2); count >= 1; count = count === 1 ? 0 : Math.ceil(count / 2)) {
    for (let from = 0; from < parts().length; ) {
      const now = parts();
      if (!(await fails([...now.slice(0, from), ...now.slice(from + count)]))) from += count;
    }
  }
}

/** Without somebody, their devices and what befell these. */
function withoutPerson(plan: Plan, orderId: string): Plan {
  const gone = new Set(
    plan.orders.find(({ order_id }) => order_id === orderId)?.devices.map(({ device_id }) => device_id),
  );
  const isOf = (fault: Fault): boolean => 'deviceId' in fault && gone.has(fault.deviceId);
  return {
    ...plan,
    orders: plan.orders.filter(({ order_id }) => order_id !== orderId),
    uploads: plan.uploads.filter(({ deviceId }) => !gone.has(deviceId)),
    faults: plan.faults.filter((fault) => !isOf(fault)),
  };
}
