/**
 * The dashboard's client of the API, written from the API's own description: a file for each of its chapters, a function for
 * each operation that speaks JSON, with the protocol's types wherever the description holds one of its shapes.
 */
import type { Api } from '@slowlight/control-plane/src/http/api.ts';
import { describeApi } from '@slowlight/control-plane/src/http/docs.ts';
import fastify from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';

/** As much of JSON Schema as the API uses. */
interface Shape {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  pattern?: string;
  properties?: Record<string, Shape>;
  required?: string[];
  additionalProperties?: boolean | Shape;
  items?: Shape;
  prefixItems?: Shape[];
  anyOf?: Shape[];
  oneOf?: Shape[];
  allOf?: Shape[];
}
type Content = Record<string, { schema?: Shape }>;
interface Operation {
  summary?: string;
  tags?: string[];
  parameters?: { in: string; name: string; required?: boolean; schema: Shape }[];
  requestBody?: { required?: boolean; content: Content };
  responses?: Record<string, { content?: Content }>;
}
export interface Described {
  paths: Record<string, Record<string, Operation>>;
}
/** Shapes of the protocol by their description: as they are sent (`In`), as they are answered (`Out`). */
export type KnownShapes = Record<'In' | 'Out', ReadonlyMap<string, string>>;

const JSON_TYPE = 'application/json';
const RETURNS = /^2\d\d$/;
const HEAD = `// biome-ignore-all format: written by test/rig/generate-client.ts; test/control-plane/http/client.test.ts keeps it true
`;

/** How the API would describe each shape that the protocol exports. */
export async function describeShapes(protocol: Readonly<Record<string, unknown>>): Promise<KnownShapes> {
  const shapes = Object.entries(protocol).flatMap(([name, value]) =>
    value instanceof z.ZodType && isTelling(value) ? [[name, value] as const] : [],
  );
  const app: Api = fastify().withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  await describeApi(app, { version: '0' });
  for (const [name, shape] of shapes) {
    const schema = { body: shape, response: { 200: shape } };
    app.route({ method: 'POST', url: `/shape/${name}`, schema, handler: () => Promise.reject(new Error('asked')) });
  }
  await app.ready();
  const { paths } = app.swagger() as unknown as Described;
  await app.close();
  const known = { In: new Map<string, string>(), Out: new Map<string, string>() };
  // Of equal shapes the shortest name, which is the most general.
  for (const [name] of shapes.toSorted(([a], [b]) => b.length - a.length || (a < b ? 1 : -1))) {
    const described = paths[`/shape/${name}`]?.post;
    const sent = described?.requestBody?.content[JSON_TYPE]?.schema;
    const answered = described?.responses?.['200']?.content?.[JSON_TYPE]?.schema;
    if (sent !== undefined) known.In.set(keyOf(sent), name);
    if (answered !== undefined) known.Out.set(keyOf(answered), name);
  }
  return known;
}

/** Whether a shape says more than a type of the language does: a thing with fields, one of several, an id. */
function isTelling(shape: z.ZodType): boolean {
  if (shape instanceof z.ZodString) return shape._zod.bag.patterns !== undefined;
  return shape instanceof z.ZodObject || shape instanceof z.ZodUnion || shape instanceof z.ZodEnum;
}

/** Equal for equal descriptions; defaults and wordings of no matter. */
const keyOf = (shape: Shape): string =>
  JSON.stringify(shape, (_, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );

/** The texts of the client by the names of their files. */
export function generateClient({ paths }: Described, known: KnownShapes): Map<string, string> {
  const chapters = new Map<string, string[]>();
  for (const [path, operations] of Object.entries(paths))
    for (const [method, operation] of Object.entries(operations)) {
      const text = functionOf(method, path, operation, known);
      const file = `${(operation.tags?.[0] ?? 'other').replaceAll(' ', '-')}.ts`;
      if (text !== null) chapters.set(file, [...(chapters.get(file) ?? []), text]);
    }
  return new Map(
    [...chapters].map(([file, functions]) => [file, `${HEAD}${importsOf(functions)}\n${functions.join('\n')}`]),
  );
}

function importsOf(functions: readonly string[]): string {
  const all = functions.join();
  const needs = (word: string) => new RegExp(`\\b${word}\\b`).test(all);
  const ways = ['In', 'Out'].filter((way) => needs(`${way}<typeof p`));
  return [
    ...(ways.length > 0 ? ["import type * as p from '@slowlight/protocol';"] : []),
    `import { type Asked, call${ways.map((way) => `, type ${way}`).join('')} } from '../call.ts';`,
    '',
  ].join('\n');
}

function functionOf(method: string, path: string, operation: Operation, known: KnownShapes): string | null {
  const answer = answerOf(operation, known);
  if (answer === null || method === 'head') return null;
  const { parameters = [], requestBody, summary } = operation;
  const inPath = parameters.filter((one) => one.in === 'path');
  const inQuery = parameters.filter((one) => one.in === 'query');
  const body = requestBody?.content[JSON_TYPE]?.schema;
  if (requestBody !== undefined && body === undefined) return null;
  const fields = inPath.map(({ name, schema }) => `${name}: ${typeOf(schema, 'In', known)}`);
  if (inQuery.length > 0) {
    const wishes = inQuery.map(({ name, required, schema }) => {
      const type = typeOf(schema, 'In', known);
      const flag = type === '"true" | "false"' ? 'boolean' : type;
      return required === true ? `${name}: ${flag}` : `${name}?: ${flag} | null | undefined`;
    });
    const isNeeded = inQuery.some(({ required }) => required === true);
    fields.push(`query${isNeeded ? '' : '?'}: { ${wishes.join('; ')} }`);
  }
  if (body !== undefined) fields.push(bodyField(typeOf(body, 'In', known), requestBody?.required === true));
  const isFree = fields.every((field) => /^\w+\?:/.test(field));
  const names = inPath.map(({ name }) => name);
  const wish = names.length === 0 ? 'asked' : `{ ${names.join(', ')}, ...asked }`;
  const type = fields.length === 0 ? 'Asked' : `{ ${fields.join('; ')} } & Asked`;
  const url = path.replace(/\{(\w+)\}/g, (_, name: string) => `\${encodeURIComponent(${name})}`);
  const text = names.length === 0 ? `'${url}'` : `\`${url}\``;
  return [
    summary === undefined ? '' : `/** ${summary.replaceAll('*/', '* /')} */`,
    `export const ${nameOf(method, path)} = (${wish}: ${type}${isFree ? ' = {}' : ''}): Promise<${answer}> =>`,
    `  call('${method.toUpperCase()}', ${text}, asked);`,
    '',
  ].join('\n');
}

/** Nothing may be sent where null may be. */
const bodyField = (type: string, isNeeded: boolean): string =>
  isNeeded && !/(^|\| )null$/.test(type) ? `body: ${type}` : `body?: ${type} | undefined`;

/** `get /api/cameras/{id}/coverage`: `getCamerasByIdCoverage`. */
function nameOf(method: string, path: string): string {
  const words = path.replace(/^\/api\//, '').match(/\{\w+\}|[a-zA-Z0-9]+/g) ?? [];
  const word = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
  return method + words.map((one) => (one.startsWith('{') ? `By${word(one.slice(1, -1))}` : word(one))).join('');
}

/** null: it answers something that is not JSON. */
function answerOf({ responses = {} }: Operation, known: KnownShapes): string | null {
  const good = Object.entries(responses).filter(([status]) => RETURNS.test(status));
  const types = good.map(([status, { content }]) => {
    const shape = content?.[JSON_TYPE]?.schema;
    if (shape !== undefined) return typeOf(shape, 'Out', known);
    return status === '204' ? 'void' : null;
  });
  if (types.length === 0 || types.includes(null)) return null;
  return [...new Set(types)].join(' | ');
}

function typeOf(shape: Shape, way: 'In' | 'Out', known: KnownShapes): string {
  const name = known[way].get(keyOf(withoutDefault(shape)));
  if (name !== undefined) return `${way}<typeof p.${name}>`;
  const inner = (one: Shape) => typeOf(one, way, known);
  const choices = shape.anyOf ?? shape.oneOf;
  if (choices !== undefined) return [...new Set(choices.map(inner))].join(' | ');
  if (shape.allOf !== undefined) return shape.allOf.map((one) => `(${inner(one)})`).join(' & ');
  if (shape.enum !== undefined) return shape.enum.map((one) => JSON.stringify(one)).join(' | ');
  if ('const' in shape) return JSON.stringify(shape.const);
  if (Array.isArray(shape.type)) return shape.type.map((type) => inner({ ...shape, type })).join(' | ');
  switch (shape.type) {
    case 'integer':
    case 'number':
      return 'number';
    case 'string':
    case 'boolean':
    case 'null':
      return shape.type;
    case 'array':
      if (shape.prefixItems !== undefined) return `[${shape.prefixItems.map(inner).join(', ')}]`;
      return arrayType(shape.items === undefined ? 'unknown' : inner(shape.items), way);
    case 'object':
      return objectType(shape, inner);
    default:
      return 'unknown';
  }
}

const arrayType = (item: string, way: 'In' | 'Out'): string => `${way === 'In' ? 'readonly ' : ''}(${item})[]`;

function objectType(
  { properties, required = [], additionalProperties }: Shape,
  inner: (shape: Shape) => string,
): string {
  if (properties === undefined || Object.keys(properties).length === 0)
    return typeof additionalProperties === 'object' ? `Record<string, ${inner(additionalProperties)}>` : 'object';
  const fields = Object.entries(properties).map(([name, shape]) =>
    required.includes(name) ? `${name}: ${inner(shape)}` : `${name}?: ${inner(shape)} | undefined`,
  );
  return `{ ${fields.join('; ')} }`;
}

function withoutDefault(shape: Shape): Shape {
  const { default: _, ...rest } = shape as Shape & { default?: unknown };
  return rest;
}
