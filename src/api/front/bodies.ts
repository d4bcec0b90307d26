/** What a body may be: JSON in UTF-8, of a media type that its route takes, read strictly; anything else says why not. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type JsonBounds, type JsonRefusal, parseStrictJson } from '../../codec/strict-json.js';
import { Fault } from '../problems.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Media types that the route takes besides JSON. */
    alsoTakes?: readonly string[];
  }
}

const JSON_TYPE = 'application/json';
const TYPES = [JSON_TYPE, 'application/geo+json'];

/** An order with several zones of 20,000 positions each fits; nothing that is meant comes near. */
const BOUNDS: JsonBounds = {
  depthMax: 32,
  membersPerObjectMax: 1_000,
  elementsPerListMax: 50_000,
  valuesMax: 1_000_000,
};

const SAID: Readonly<Record<JsonRefusal, string>> = {
  not_utf8: 'The body is not UTF-8.',
  not_json: 'The body is not JSON.',
  too_deep: `Objects and lists stand within each other more than ${BOUNDS.depthMax} deep.`,
  too_many_values: `At most ${BOUNDS.membersPerObjectMax} members an object, ${BOUNDS.elementsPerListMax} elements a list.`,
  member_twice: 'An object has two members of one name: which one is meant?',
  member_refused: 'No member is called __proto__, constructor or prototype.',
  character_refused: 'Texts hold no control characters but tabs and line ends, and no half of a surrogate pair.',
};

export function installBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(TYPES, { parseAs: 'buffer' }, (_request, bytes, done) => {
    const parsed = parseStrictJson(bytes as Buffer, BOUNDS);
    if (parsed.ok) return done(null, parsed.value);
    const large = parsed.fault === 'too_deep' || parsed.fault === 'too_many_values';
    done(new Fault(large ? 'body_too_large' : 'malformed_body', SAID[parsed.fault]));
  });
  app.addHook('preParsing', async (request) => {
    if (!request.is404 && hasBody(request)) checkType(request);
  });
  app.addHook('preValidation', async (request) => {
    if (request.is404 || takesBody(request) || isNothing(request.body)) return;
    throw new Fault('invalid', 'Nothing is to be sent with this: leave the body out.');
  });
}

const hasBody = ({ headers, method }: FastifyRequest): boolean =>
  method !== 'GET' &&
  method !== 'HEAD' &&
  (headers['transfer-encoding'] !== undefined ||
    (headers['content-length'] !== undefined && headers['content-length'] !== '0') ||
    headers['content-type'] !== undefined);

const takesBody = ({ routeOptions }: FastifyRequest): boolean => routeOptions.schema?.body !== undefined;

/** `{}` too: that is how some clients send nothing. */
const isNothing = (body: unknown): boolean =>
  body === undefined || body === null || (typeof body === 'object' && Object.keys(body).length === 0);

/** Throws `media_type_refused`, with what the route takes. */
function checkType(request: FastifyRequest): void {
  const { 'content-type': type = '', 'content-encoding': coding = 'identity' } = request.headers;
  const takes = [JSON_TYPE, ...(request.routeOptions.config.alsoTakes ?? [])];
  if (coding.toLowerCase() !== 'identity') {
    throw new Fault('media_type_refused', 'Send the body as it is, without a Content-Encoding.');
  }
  const [media = '', ...parameters] = type.toLowerCase().split(';');
  if (!takes.includes(media.trim())) throw new Fault('media_type_refused', `Send ${takes.join(' or ')}.`);
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=').map((part) => part.trim());
    if (name === 'charset' && value.replaceAll('"', '') !== 'utf-8') {
      throw new Fault('media_type_refused', 'JSON is sent in UTF-8.');
    }
  }
}
