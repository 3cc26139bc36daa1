import type { ReactNode } from 'react';
import { en } from '../locales/en.ts';
import { zhCN } from '../locales/zh-cn.ts';

/** Around every screen: what this software is not, in both languages whichever is chosen. */
export function AppFrame({ children }: { readonly children: ReactNode }) {
  return (
    <div className="app-frame">
      {children}
      <footer className="research-banner">
        <span lang="en">{en['app.banner']}</span>
        <span aria-hidden="true"> / </span>
        <span lang="zh-CN">{zhCN['app.banner']}</span>
      </footer>
    </div>
  );
}
