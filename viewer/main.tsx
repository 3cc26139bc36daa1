import './no-eval.ts';
import './mantine.css';
import './frame/frame.css';
import { I18nProvider } from '@lingui/react';
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { ApiError } from './api.ts';
import { ErrorBoundary } from './frame/error-boundary.tsx';
import { i18n, startLanguage } from './locales/i18n.ts';
import { Routes } from './routes.tsx';
import { theme } from './theme.ts';

startLanguage();

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      refetchOnWindowFocus: true,
      // What the server has refused it will refuse again; a server that is away comes back.
      retry: (count, error) => !(error instanceof ApiError && error.status < 500) && count < 2,
    },
  },
});

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <I18nProvider i18n={i18n}>
      <MantineProvider theme={theme} forceColorScheme="dark">
        <QueryClientProvider client={queries}>
          <ErrorBoundary>
            <Routes />
          </ErrorBoundary>
        </QueryClientProvider>
      </MantineProvider>
    </I18nProvider>,
  );
}
