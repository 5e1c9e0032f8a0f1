import { theme as antdTheme, type ThemeConfig } from 'antd'
import { PALETTES, type Mode } from './palette'

/** `--sw-font` in base.css: the same for our own elements and antd's. */
export const FONT = 'var(--sw-font)'
/** A canvas (charts) knows no CSS variables. */
export const CANVAS_FONT =
  "'Inter Variable', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
export const MONO = 'var(--sw-mono)'

/** Words on filled buttons: white on the dark colours of light mode, dark on the light ones. */
const FACES: Record<Mode, { primaryColor: string; dangerColor: string }> = {
  light: { primaryColor: '#ffffff', dangerColor: '#ffffff' },
  dark: { primaryColor: '#04161b', dangerColor: '#1c0405' },
}

const stillness = window.matchMedia('(prefers-reduced-motion: reduce)')

export function antdThemeOf(mode: Mode): ThemeConfig {
  const colour = PALETTES[mode]
  return {
    algorithm: mode === 'dark' ? antdTheme.darkAlgorithm : antdTheme.defaultAlgorithm,
    token: {
      fontFamily: FONT,
      fontFamilyCode: MONO,
      fontSize: 13,
      lineHeight: 1.54,
      controlHeight: 30,
      controlHeightSM: 24,
      borderRadius: 6,
      motion: !stillness.matches,
      motionDurationMid: '0.12s',
      motionDurationSlow: '0.18s',
      colorPrimary: colour.brand,
      colorInfo: colour.busy,
      colorSuccess: colour.good,
      colorWarning: colour.warn,
      colorError: colour.bad,
      colorInfoBg: colour['busy-soft'],
      colorSuccessBg: colour['good-soft'],
      colorWarningBg: colour['warn-soft'],
      colorErrorBg: colour['bad-soft'],
      colorLink: colour.brand,
      colorTextBase: colour.ink,
      colorText: colour.ink,
      colorTextSecondary: colour['ink-soft'],
      colorTextTertiary: colour['ink-faint'],
      colorTextDescription: colour['ink-faint'],
      colorTextPlaceholder: colour['ink-faint'],
      colorBgBase: colour.surface,
      colorBgLayout: colour.canvas,
      colorBgContainer: colour.surface,
      colorBgElevated: colour.raised,
      colorBorder: colour['line-strong'],
      colorBorderSecondary: colour.line,
      colorSplit: colour.line,
    },
    components: {
      Table: {
        headerBg: colour.surface,
        headerColor: colour['ink-faint'],
        headerSplitColor: 'transparent',
        headerSortActiveBg: colour.surface,
        headerSortHoverBg: colour.hover,
        bodySortBg: 'transparent',
        rowHoverBg: colour.sunken,
        cellPaddingBlockSM: 7,
        cellPaddingInlineSM: 10,
      },
      Button: {
        primaryShadow: 'none',
        defaultShadow: 'none',
        dangerShadow: 'none',
        ...FACES[mode],
      },
      Tabs: { horizontalMargin: '0 0 16px 0', horizontalItemPadding: '8px 0' },
      Form: { itemMarginBottom: 18, verticalLabelPadding: '0 0 4px' },
      Modal: { titleFontSize: 15 },
      Tooltip: { fontSize: 12 },
    },
  }
}
