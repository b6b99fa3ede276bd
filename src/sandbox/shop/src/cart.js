import { products } from './products.js'

/** A cart with one more of a product; products that do not exist are refused. */
export function add(cart, id, count = 1) {
  if (!products.some((product) => product.id === id)) throw new Error(`There is no product "${id}".`)
  return { ...cart, [id]: (cart[id] ?? 0) + count }
}

/** What the cart costs, in cents. */
export function total(cart) {
  return products.reduce((sum, product) => sum + product.price * (cart[product.id] ?? 0), 0)
}
