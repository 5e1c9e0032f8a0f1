import js from '@eslint/js'
import jsxA11y from 'eslint-plugin-jsx-a11y'
import reactHooks from 'eslint-plugin-react-hooks'
import globals from 'globals'
import tseslint from 'typescript-eslint'

/** A floor may import only from the floors named in its comment; `base` imports none. */
function floor(folder, forbidden) {
  return {
    files: [`src/${folder}/**/*.{ts,tsx}`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: forbidden.flatMap((name) => [`@/${name}`, `@/${name}/*`, `**/../${name}/*`]),
              message: `${folder}/ must not import from ${forbidden.join(', ')}: imports run base -> ui, api -> features -> shell -> routes.`,
            },
          ],
        },
      ],
    },
  }
}

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'src/api/schema.d.ts'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  jsxA11y.flatConfigs.strict,
  reactHooks.configs.flat['recommended-latest'],
  {
    languageOptions: {
      globals: globals.browser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { attributes: false } },
      ],
      // Focus is set on purpose: the first field of a dialog, the palette's input.
      'jsx-a11y/no-autofocus': 'off',
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'JSXOpeningElement[name.name=/(Outlined|Filled)$/]:not(:has(JSXAttribute[name.name=/^aria-(hidden|label)$/]))',
          message: 'An icon is aria-hidden (its button has the words), or it has an aria-label.',
        },
      ],
      // TanStack Virtual hands out functions that the compiler cannot memoise; we do not use it.
      'react-hooks/incompatible-library': 'off',
    },
  },
  floor('base', ['ui', 'api', 'features', 'shell', 'routes']),
  floor('ui', ['api', 'features', 'shell', 'routes']),
  floor('api', ['ui', 'features', 'shell', 'routes']),
  floor('features', ['shell', 'routes']),
  floor('shell', ['routes']),
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
)
