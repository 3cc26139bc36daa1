import { z } from 'zod';

/** An object with these fields and no others; an unknown one is an error that says which are known. */
export const closed = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' && issue.keys
        ? `unknown field ${issue.keys.join(', ')}; known are ${Object.keys(shape).join(', ')}`
        : undefined,
  });

/** One of several kinds of step, told apart by `key`; an unknown kind is an error that says which are known. */
export const oneOf = <Key extends string, Kinds extends readonly [Kind<Key>, ...Kind<Key>[]]>(key: Key, kinds: Kinds) =>
  z.discriminatedUnion(key, kinds, {
    error: (issue) => {
      if (issue.code !== 'invalid_union') return undefined;
      const known = kinds.map((kind) => kind.shape[key].value).join(', ');
      return `unknown ${key} ${kindOf(issue.input, key)}; known are ${known}`;
    },
  });

type Kind<Key extends string> = z.ZodObject<{ [name in Key]: z.ZodLiteral<string> } & z.ZodRawShape>;

const kindOf = (input: unknown, key: string): string =>
  JSON.stringify(Object.entries(Object(input)).find(([name]) => name === key)?.[1] ?? null).slice(0, 60);

/** The words that the blocks of a manifest share. */
export const Count = z.number().int().min(1).max(4096);
export const Mm = z.number().positive().max(1000);
export const Unit = z.number().min(0).max(1);
export const Words = z.array(z.string().min(1).max(64)).min(1);
export const Text = z.string().max(4000);
export const Triple = <T extends z.ZodType>(of: T) => z.tuple([of, of, of]);
/** A value for each spatial axis of the input's layout, in the order in which the layout names them. */
export const Spatial = <T extends z.ZodType>(of: T) => z.array(of).min(2).max(3);
export const Range = z.tuple([z.number(), z.number()]);
export const Code = closed({
  scheme: z.string().max(16),
  value: z.string().max(16),
  meaning: z.string().max(64),
});
