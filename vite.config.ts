import { gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin, type Rolldown } from 'vite';

/** What the first screen may weigh over the network. */
const WORKLIST_LIMIT_KB = 250;
/** What a study may weigh beyond it, without the decoders. */
const VIEWER_LIMIT_KB = 1400;
const SERVER = 'http://127.0.0.1:8080';

export default defineConfig({
  root: 'viewer',
  plugins: [react(), sizeGate()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // The image engine is one lazy chunk of more than a megabyte; the gate below watches what counts.
    chunkSizeWarningLimit: 5000,
    reportCompressedSize: false,
  },
  worker: { format: 'es' },
  server: { proxy: { '/api': SERVER, '/dicomweb': SERVER, '/metrics': SERVER } },
});

/**
 * Prints what each route loads and fails the build when the worklist outgrows its limit or reaches Cornerstone: the
 * list must open at once on a ward computer, and one careless import would make it carry the whole image engine.
 */
function sizeGate(): Plugin {
  return {
    name: 'overread:size-gate',
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((output) => output.type === 'chunk');
      const entry = chunks.find(({ isEntry, name }) => isEntry && name === 'index');
      const engine = chunks.find(({ facadeModuleId }) => facadeModuleId?.includes('viewer/cornerstone/engine'));
      if (!entry) throw new Error('size gate: no entry chunk');
      const worklist = closure(entry, bundle);
      const heavy = worklist.flatMap((output) => ('moduleIds' in output ? output.moduleIds : [])).find(isEngineModule);
      const worklistKb = gzipKb(worklist);
      const lines = [`worklist route ${worklistKb} kB gzip (limit ${WORKLIST_LIMIT_KB})`];
      const study = [
        engine,
        chunks.find(({ facadeModuleId }) => facadeModuleId?.includes('viewer/study/study-screen')),
      ];
      const beyond = new Set(study.flatMap((chunk) => (chunk ? closure(chunk, bundle) : [])));
      const viewerKb = gzipKb([...beyond].filter((output) => !worklist.includes(output)));
      lines.push(`study route and image engine ${viewerKb} kB gzip more (limit ${VIEWER_LIMIT_KB})`);
      const codecs = Object.values(bundle).filter(({ fileName }) => fileName.endsWith('.wasm'));
      const sizes = codecs.map((codec) => `${libraryOf(codec.fileName)} ${gzipKb([codec])}`);
      if (sizes.length > 0) lines.push(`decoders, each when first needed: ${sizes.join(', ')} kB gzip`);
      console.info(`\n${lines.join('\n')}`);
      if (heavy) this.error(`the worklist route contains ${heavy}`);
      if (!study.every((chunk) => chunk)) this.error('size gate: no chunk of the study screen or the image engine');
      if (viewerKb > VIEWER_LIMIT_KB) this.error(`the viewer is ${viewerKb} kB gzip`);
      if (worklistKb > WORKLIST_LIMIT_KB) this.error(`the worklist route is ${worklistKb} kB gzip`);
    },
  };
}

const isEngineModule = (id: string): boolean => /@cornerstonejs|vtk\.js|viewer\/cornerstone/.test(id);

/** `charlswasm_decode` of `assets/charlswasm_decode-CEN7ucFR.wasm`. */
const libraryOf = (file: string): string => file.replace(/^.*\/|-.{8}\.wasm$/g, '');

type Output = Rolldown.OutputChunk | Rolldown.OutputAsset;

/** A chunk with everything it imports statically, and the styles of all of them. */
function closure(first: Rolldown.OutputChunk, bundle: Rolldown.OutputBundle): readonly Output[] {
  const found = new Set<Output>();
  const visit = (output: Output | undefined) => {
    if (!output || found.has(output)) return;
    found.add(output);
    if (output.type !== 'chunk') return;
    for (const file of [...output.imports, ...(output.viteMetadata?.importedCss ?? [])]) visit(bundle[file]);
  };
  visit(first);
  return [...found];
}

const gzipKb = (outputs: readonly Output[]): number =>
  Math.round(
    outputs.reduce((sum, output) => sum + gzipSync(output.type === 'chunk' ? output.code : output.source).length, 0) /
      1000,
  );
