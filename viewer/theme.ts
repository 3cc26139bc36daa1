import { createTheme } from '@mantine/core';

/** Served from this machine only: system fonts, Noto Sans SC where the hospital has it. */
const FONTS =
  'Inter, "Segoe UI", system-ui, -apple-system, "Noto Sans", "Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif';

export const theme = createTheme({
  fontFamily: FONTS,
  headings: { fontFamily: FONTS, fontWeight: '600' },
  primaryColor: 'sky',
  primaryShade: 4,
  autoContrast: true,
  defaultRadius: 'sm',
  colors: {
    // Okabe-Ito sky blue in the middle.
    sky: ['#e8f5fd', '#d0eafa', '#a9d9f4', '#7fc7ef', '#56b4e9', '#3a9fd6', '#2d86b8', '#236c96', '#1a5273', '#123a52'],
    dark: [
      '#e6e6e6',
      '#c3c8ce',
      '#9aa2ab',
      '#6d7680',
      '#3a424b',
      '#2a3139',
      '#1d232a',
      '#14181d',
      '#0f1216',
      '#0b0d10',
    ],
  },
});
