/** The routes of the duties, registered together. */
import type { FastifyInstance } from 'fastify';
import { disclosureRoutes } from './disclosures.js';
import type { DutyRoutes } from './duty.js';
import { erasureRoutes } from './erasures.js';
import { exportRoutes } from './exports.js';
import { holdRoutes } from './holds.js';
import { incidentRoutes } from './incidents.js';
import { noticeRoutes } from './notices.js';
import type { OrderIndex } from './order-index.js';
import { rectificationRoutes } from './rectifications.js';
import { statisticsRoutes } from './statistics.js';
import { warningRoutes } from './warnings.js';

export function dutyRoutes(app: FastifyInstance, o: DutyRoutes, orders: OrderIndex): void {
  noticeRoutes(app, o);
  exportRoutes(app, o, orders);
  holdRoutes(app, o);
  disclosureRoutes(app, o);
  warningRoutes(app, o);
  rectificationRoutes(app, o);
  erasureRoutes(app, o);
  incidentRoutes(app, o);
  statisticsRoutes(app, o);
}
