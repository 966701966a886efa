package dev.sluice.worker.image;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.model.ByteBudget.Reservation;

/**
 * An encoded image and the memory that is reserved for it and for its renditions. Owned by one
 * thread at a time; whoever holds it closes it when the renditions are no longer needed.
 */
public final class FetchedImage implements Origins.Fetched {
  private final byte[] bytes;
  private final Reservation reservation;
  private Place place = Place.none();

  FetchedImage(byte[] bytes, Reservation reservation) {
    this.bytes = requireNonNull(bytes, "bytes is null");
    this.reservation = requireNonNull(reservation, "reservation is null");
  }

  /** The encoded image; not copied, not to be written to. */
  public byte[] bytes() {
    return bytes;
  }

  /** Takes over the place that fetching it had, and gives it back when it is closed. */
  @Override
  public void keep(Place place) {
    this.place = place;
  }

  /** Gives the memory and the place back; a second call does nothing. */
  @Override
  public void close() {
    reservation.close();
    place.close();
  }
}
