/** The body of a request that sends a CSV, for the OpenAPI document. */
export const CSV_BODY = {
  required: true,
  description:
    'A CSV with a header, in UTF-8, UTF-16 with a byte order mark, or Windows-1252; with commas, semicolons, tabs or ' +
    'vertical bars between its columns. A `text/csv` body may come with `Content-Encoding: gzip`.',
  content: {
    'multipart/form-data': {
      schema: {
        type: 'object',
        required: ['file'],
        properties: { file: { type: 'string', format: 'binary', description: 'The CSV.' } },
      },
    },
    'text/csv': { schema: { type: 'string', example: 'name,email\nAna Souza,ana@example.com\n' } },
  },
};
