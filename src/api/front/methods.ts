/** Which methods a path has: a request with another is told so (405), for a missing path and a wrong method are two faults. */
import type { FastifyInstance } from 'fastify';

export interface Methods {
  /** The methods that this path is served with; empty: there is no such path. */
  of(url: string): readonly string[];
}

/** To be installed before the routes. */
export function watchMethods(app: FastifyInstance): Methods {
  const routes: { readonly parts: readonly string[]; readonly methods: readonly string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    routes.push({ parts: url.split('/'), methods: Array.isArray(method) ? method : [method] });
  });
  return {
    of(url) {
      const parts = (url.split('?', 1)[0] ?? '').split('/');
      const found = routes.filter((route) => fits(route.parts, parts)).flatMap(({ methods }) => methods);
      return [...new Set(found)].sort();
    },
  };
}

const fits = (route: readonly string[], parts: readonly string[]): boolean =>
  route.length === parts.length &&
  route.every((part, i) => (part.startsWith(':') ? parts[i] !== '' : part === parts[i])) &&
  !route.includes('*');
