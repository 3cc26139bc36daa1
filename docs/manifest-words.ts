import { z } from 'zod';
import { ModelManifest } from '../services/detection/model-manifest.ts';

/** What of JSON Schema the manifest needs. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema | false;
  readonly prefixItems?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly default?: unknown;
  readonly minItems?: number;
  readonly maxItems?: number;
}

const WORDS: Readonly<Record<string, string>> = { integer: 'whole number', string: 'text', boolean: 'true or false' };

/** Blocks in the order of the manifest. */
const BLOCKS = ['accepts', 'preprocess', 'inputs', 'tiling', 'tta', 'outputs', 'decode', 'postprocess'] as const;

/** For editors: a manifest that names it as its `$schema` would be refused, so it is set in the editor. */
export const manifestSchema = (): string =>
  `${JSON.stringify(z.toJSONSchema(ModelManifest, { io: 'input' }), null, 1)}\n`;

/** Every word that a manifest may say, as lists: made from its schema, so nothing is missing and nothing is invented. */
export function manifestWords(): string {
  const schema = z.toJSONSchema(ModelManifest, { io: 'input' }) as Schema;
  return BLOCKS.map((name) => block(name, itemOf(schema.properties?.[name] ?? {}))).join('\n\n');
}

/** Of a list, what it holds. */
const itemOf = (schema: Schema): Schema => schema.prefixItems?.[0] ?? (schema.items || schema);

function block(name: string, schema: Schema): string {
  const kinds = schema.oneOf ?? schema.anyOf;
  const lines = kinds ? kinds.map(kind) : [...fields(schema)].map(([field, text]) => `- ${field}: ${text}`);
  return `### \`${name}\`\n\n${lines.join('\n')}`;
}

/** One kind of step: its name, then its fields. */
function kind(schema: Schema): string {
  const [[key, first] = ['', {}], ...rest] = Object.entries(schema.properties ?? {}) as [string, Schema][];
  const own = [...fields({ ...schema, properties: Object.fromEntries(rest) })];
  return `- \`${key}\` **${String(first.const)}**${own.length > 0 ? ': ' : ''}${own.map(([name, text]) => `${name} ${text}`).join('; ')}`;
}

function* fields({ properties = {}, required = [] }: Schema): Generator<readonly [name: string, text: string]> {
  for (const [name, schema] of Object.entries(properties))
    yield [`\`${name}\`${required.includes(name) ? '' : '?'}`, typeText(schema)];
}

function typeText(schema: Schema): string {
  const text = plainText(schema);
  return schema.default === undefined ? text : `${text} (default ${JSON.stringify(schema.default)})`;
}

function plainText(schema: Schema): string {
  const { type, properties, prefixItems, items, minItems, maxItems } = schema;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' or ');
  const kinds = schema.anyOf ?? schema.oneOf;
  if (kinds) return kinds.map(plainText).join(' or ');
  if (prefixItems) return `[${prefixItems.map(plainText).join(', ')}]`;
  if (type === 'array') return `list${countText(minItems, maxItems)} of ${items ? plainText(items) : 'anything'}`;
  if (properties) return `{ ${[...fields(schema)].map(([name, text]) => `${name} ${text}`).join(', ')} }`;
  return [type ?? 'anything']
    .flat()
    .map((name) => WORDS[name] ?? name)
    .join(' or ');
}

function countText(least: number | undefined, most: number | undefined): string {
  if (most === undefined || least === undefined) return '';
  return least === most ? ` of ${least}` : ` of ${least} to ${most}`;
}
