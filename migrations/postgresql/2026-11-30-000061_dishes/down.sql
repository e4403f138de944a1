DROP TABLE dish_opinions;
DROP TABLE dining_orders;
DROP TABLE dish_unfit;
DROP TABLE dishes;
