import { access } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import express, { type RequestHandler, Router } from 'express';
import { notFound, onlyMethods } from '../problem.ts';

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Overread: the viewer is not built</title>
<body style="font: 16px/1.5 sans-serif; max-width: 40em; margin: 4em auto">
<h1>The viewer is not built</h1>
<p>Overread itself is running. To build its pages, run this once in its folder and load this page again:</p>
<pre>npm run build</pre>
</body>
</html>
`;

/** The built viewer. Every path that a browser opens and no file has is one of its screens: it gets `index.html`. */
export function viewerRoutes(directory: string): Router {
  const viewerDirectory = resolve(directory);
  const router = Router();
  const assets = join(viewerDirectory, 'assets') + sep;

  router.all('/{*path}', (req, res, next) => {
    if (req.method === 'GET' || req.method === 'HEAD') next();
    else onlyMethods('GET, HEAD')(req, res, next);
  });
  router.use(
    express.static(viewerDirectory, {
      index: false,
      redirect: false,
      cacheControl: false,
      // Vite puts a hash of the content into the names of assets; other files keep theirs when they change.
      setHeaders: (res, path) =>
        res.setHeader('Cache-Control', path.startsWith(assets) ? 'public, max-age=31536000, immutable' : 'no-cache'),
    }),
  );
  router.get('/{*path}', screen(viewerDirectory));
  router.use(notFound);
  return router;
}

function screen(viewerDirectory: string): RequestHandler {
  return async (req, res, next) => {
    const wantsPage = (req.headers.accept ?? '').toLowerCase().includes('text/html');
    if (!wantsPage || req.path.startsWith('/assets/')) return next();
    const built = await access(join(viewerDirectory, 'index.html')).then(
      () => true,
      () => false,
    );
    if (!built) return void res.status(503).set('Cache-Control', 'no-store').type('html').send(NOT_BUILT);
    res.set('Cache-Control', 'no-cache').sendFile('index.html', { root: viewerDirectory, cacheControl: false });
  };
}
