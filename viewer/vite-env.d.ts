/// <reference types="vite/client" />

declare module '@cornerstonejs/codec-charls/decodewasmjs' {
  import type { CharLsFactory } from './cornerstone/charls.ts';

  const factory: CharLsFactory;
  export default factory;
}
