import type { Migration } from '@plinth/db'

/** Full text over the folded name and description of products. */
export const searchProducts: Migration = {
  async up({ search }) {
    await search.create('products', ['folded_name', 'folded_description'])
  },
  async down({ search }) {
    await search.drop('products')
  },
}
