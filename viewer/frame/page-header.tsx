import type { ReactNode } from 'react';
import mark from '../overread.svg';
import { LanguageSwitch } from './language-switch.tsx';

/** The bar at the top of the worklist: name, what the screen is, its controls, language. */
export function PageHeader({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <header className="page-header">
      <span className="wordmark">
        <img src={mark} alt="" width="22" height="22" />
        OVERREAD
      </span>
      <h1>{title}</h1>
      {children}
      <LanguageSwitch />
    </header>
  );
}
