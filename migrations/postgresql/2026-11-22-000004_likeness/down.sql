DROP TABLE guest_likeness;
