# syntax=docker/dockerfile:1

# What is needed to build, and nothing of it in the image that runs.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY nest-cli.json tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY cockpit ./cockpit
RUN npm run build
COPY tools/dependencies ./tools/dependencies
COPY tools/sbom.ts tools/package.json ./tools/
# dist/sbom.cdx.json: what is in the image, for scanners.
RUN npm run sbom

FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev && npm cache clean --force

FROM node:24-slim
ENV NODE_ENV=production \
    PORT=5000
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json ./
USER node
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Exec form: the process gets SIGTERM itself, and drains.
CMD ["node", "dist/main.js"]
