import { lazy, Suspense } from 'react';
import { Link, Redirect, Route, Switch } from 'wouter';
import { AppFrame } from './frame/app-frame.tsx';
import { useText } from './locales/i18n.ts';
import { WorklistScreen } from './worklist/worklist-screen.tsx';

/** The study screen comes in a chunk of its own, and the image engine in another: the worklist loads neither. */
const StudyScreen = lazy(async () => ({ default: (await import('./study/study-screen.tsx')).StudyScreen }));

const ConsoleScreen = lazy(async () => ({ default: (await import('./console/console-screen.tsx')).ConsoleScreen }));

export function Routes() {
  const { t } = useText();
  return (
    <AppFrame>
      <Suspense fallback={<p className="notice">{t('app.loading')}</p>}>
        <Switch>
          <Route path="/">
            <Redirect to="/worklist" replace />
          </Route>
          <Route path="/worklist" component={WorklistScreen} />
          <Route path="/console" component={ConsoleScreen} />
          <Route path="/study/:uid">{({ uid }) => <StudyScreen key={uid} StudyInstanceUID={uid} />}</Route>
          <Route>
            <main className="notice">
              <h1>{t('app.notFound')}</h1>
              <Link href="/worklist">{t('app.toWorklist')}</Link>
            </main>
          </Route>
        </Switch>
      </Suspense>
    </AppFrame>
  );
}
