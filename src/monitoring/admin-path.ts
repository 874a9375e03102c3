/** Where all pages for administrators are, and nothing else. */
export const ADMIN_PATH = '/admin';
