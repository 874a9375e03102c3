import { readFile } from 'node:fs/promises';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import { NotFoundException } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { answerProblem } from '../http/answer-problem';
import { ASSETS_PREFIX, PAGE_ROUTES, wantsPage } from './cockpit-paths';

/** Where `npm run build` leaves the pages: two folders up from here, in the sources as in the build. */
const PAGES = path.resolve(__dirname, '../../dist/cockpit-pages');

/** Serves the cockpit: one page for all of its addresses, and what that page loads. Who may enter is decided in admin-pages.ts. */
export async function serveCockpit(app: NestFastifyApplication): Promise<void> {
  const page = await readFile(path.join(PAGES, 'index.html'), 'utf8').catch((error: unknown) => {
    throw new Error('The cockpit is not built: run "npm run build"', { cause: error });
  });
  await app.register(fastifyStatic, {
    root: path.join(PAGES, 'assets'),
    prefix: ASSETS_PREFIX,
    decorateReply: false,
    index: false,
    // Their names change with their content.
    immutable: true,
    maxAge: '1y',
  });
  const fastify = app.getHttpAdapter().getInstance();
  for (const route of PAGE_ROUTES) {
    fastify.get(route, async (request, reply) => {
      if (!wantsPage(request)) {
        answerProblem(new NotFoundException(`Cannot GET ${request.url}`), request, reply);
        return reply;
      }
      return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(page);
    });
  }
}
