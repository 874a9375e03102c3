/** @type {import('jest').Config} */
export default {
  roots: ['<rootDir>/src', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          // Nest reads constructors' parameter types from here; names must survive for log lines and tokens.
          keepClassNames: true,
        },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  // An import() names the file that will be there once it is built.
  moduleNameMapper: { '^\\./api-app\\.js$': '<rootDir>/src/api-app.ts' },
  // One Redis and one mongod for all files; each file has its own database and queue prefix.
  globalSetup: '<rootDir>/test/global-setup.ts',
  globalTeardown: '<rootDir>/test/global-teardown.ts',
  setupFilesAfterEnv: ['<rootDir>/test/setup.ts'],
  testTimeout: 20_000,
  maxWorkers: 2,
  // Under coverage a worker keeps what it loaded for each file.
  workerIdleMemoryLimit: '2GB',
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/**/*.ts', '!src/main.ts'],
  coverageReporters: ['text-summary', 'html'],
};
