/** A compiled module: it holds no state, so that an instance which failed is replaced without compiling again. */
export type CompiledModule = object;

/** What we use of the engine: the types of Node leave it to those of the browser. */
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<CompiledModule>;
  instantiate(module: CompiledModule, imports: object): Promise<WasmInstance>;
};

interface WasmInstance {
  readonly exports: unknown;
}

export const compile = (bytes: Uint8Array): Promise<CompiledModule> => WebAssembly.compile(bytes);

export const instantiate = (module: CompiledModule, imports: object): Promise<WasmInstance> =>
  WebAssembly.instantiate(module, imports);

/** Memory of WebAssembly grows and never shrinks: after a frame of more bytes the instance is let go with it. */
export const MAX_RETAINED_BYTES = 64 * 2 ** 20;
