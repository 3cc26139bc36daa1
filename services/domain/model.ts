import { z } from 'zod';

/** Where a graph can run, by the runtime's own names; `cpu` is in every installation. */
export const Provider = z.enum(['cpu', 'cuda', 'tensorrt', 'webgpu', 'coreml', 'dml']);
export type Provider = z.infer<typeof Provider>;

/** A provider that was wanted before the one that runs, and why it does not. */
export const PassedOver = z.strictObject({ provider: Provider, detail: z.string().max(400) });
export type PassedOver = z.infer<typeof PassedOver>;

/** What the known-answer test of a model gave. */
export const SelfTestResult = z.strictObject({
  passed: z.boolean(),
  /** In words: what was found, or what was not as it must be. */
  detail: z.string().max(400),
  seconds: z.number().nonnegative(),
});
export type SelfTestResult = z.infer<typeof SelfTestResult>;

/** What an analyzer found out about a model by loading it. */
export const ModelCheck = z.strictObject({
  /** What really runs: `cpu`, `cuda`, or `cuda+cpu` where some nodes of the graph are left to the processor. */
  provider: z.string().max(64),
  precision: z.string().max(8),
  passedOver: z.array(PassedOver).max(6),
  /** One run of a small input, to tell what a large one takes. */
  probe: z.strictObject({ values: z.number().int(), seconds: z.number().nonnegative() }),
  /** `null` for a model without one, or when none was asked for. */
  selfTest: SelfTestResult.nullable(),
});
export type ModelCheck = z.infer<typeof ModelCheck>;

/** What a worker asks an analyzer before it gives it studies: load this model, and test it. */
export const ModelCheckRequest = z.strictObject({
  id: z.string(),
  modelDirectory: z.string(),
  modelHash: z.string().length(64),
  providers: z.array(Provider).max(6),
  selfTest: z.boolean(),
});
export type ModelCheckRequest = z.infer<typeof ModelCheckRequest>;

/** May a model read studies? `UNCHECKED` only until its first check has ended. */
export const ModelStatus = z.enum(['UNCHECKED', 'READY', 'FAILED', 'SWITCHED_OFF']);
export type ModelStatus = z.infer<typeof ModelStatus>;

/** What the tables know of a model. */
export interface ModelState {
  readonly id: string;
  /** Of the package that was checked; empty when it could not be read. */
  readonly version: string;
  readonly hash: string;
  readonly status: ModelStatus;
  /** Why it does not load, or what its self test found. */
  readonly problem: string | null;
  readonly check: ModelCheck | null;
  readonly checkedAt: Date | null;
}
