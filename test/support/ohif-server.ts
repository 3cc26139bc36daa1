import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { OHIF_DIST } from './fetched-peers.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

export interface OhifServer {
  readonly url: string;
  /** Paths of what the viewer asked our server for, with the statuses of the answers. */
  readonly asked: readonly { readonly path: string; readonly accept: string; readonly status: number }[];
  close(): Promise<void>;
}

/** OHIF's own files, and below `/dicomweb` the server at `root`, so that all is one origin. */
export async function startOhif(root: string): Promise<OhifServer> {
  const asked: OhifServer['asked'][number][] = [];
  const server = createServer((req, res) => {
    const { pathname } = new URL(req.url ?? '/', 'http://localhost');
    // What shared memory in a page needs.
    res.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    res.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    if (pathname.startsWith('/dicomweb')) passOn(req, res, root, (status) => asked.push(entryOf(req, status)));
    else if (pathname === '/app-config.js') res.setHeader('Content-Type', 'text/javascript').end(configuration(req));
    else sendFile(res, pathname);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const entryOf = (req: IncomingMessage, status: number) => ({
  path: req.url ?? '',
  accept: req.headers.accept ?? '',
  status,
});

function passOn(req: IncomingMessage, res: ServerResponse, root: string, told: (status: number) => void): void {
  const { origin } = new URL(root);
  const passed = request(`${origin}${req.url}`, { method: req.method, headers: req.headers }, (answer) => {
    told(answer.statusCode ?? 0);
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(res);
  });
  passed.on('error', () => res.destroy());
  req.pipe(passed);
}

/** Pages of the viewer are made by its script. */
function sendFile(res: ServerResponse, pathname: string): void {
  const wanted = join(OHIF_DIST, normalize(pathname));
  const isFile = wanted.startsWith(OHIF_DIST) && existsSync(wanted) && statSync(wanted).isFile();
  const file = isFile ? wanted : join(OHIF_DIST, 'index.html');
  res.setHeader('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream');
  createReadStream(file).pipe(res);
}

function configuration({ headers: { host } }: IncomingMessage): string {
  const root = `http://${host}/dicomweb`;
  const settings = {
    name: 'overread',
    friendlyName: 'Overread',
    qidoRoot: root,
    wadoRoot: root,
    wadoUriRoot: root,
    imageRendering: 'wadors',
    thumbnailRendering: 'thumbnail',
    enableStudyLazyLoad: true,
    qidoSupportsIncludeField: true,
    supportsFuzzyMatching: true,
    supportsWildcard: true,
    bulkDataURI: { enabled: true },
  };
  const source = { namespace: '@ohif/extension-default.dataSourcesModule.dicomweb', sourceName: 'overread' };
  const config = {
    routerBasename: '/',
    extensions: [],
    modes: [],
    showStudyList: true,
    maxNumberOfWebWorkers: 2,
    showWarningMessageForCrossOrigin: false,
    showCPUFallbackMessage: false,
    showLoadingIndicator: true,
    strictZSpacingForVolumeViewport: true,
    investigationalUseDialog: { option: 'never' },
    dataSources: [{ ...source, configuration: settings }],
    defaultDataSourceName: 'overread',
  };
  return `window.config = ${JSON.stringify(config)};`;
}
